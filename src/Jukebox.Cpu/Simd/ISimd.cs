namespace Jukebox.Cpu.Simd;

/// <summary>
/// One instruction set's vector of singles. Kernels are generic over it and compiled once per instruction set; every
/// member is one or a few instructions, inlined. A lane's result never depends on the other lanes, so a tail that is
/// loaded partially gives the same bits as the body.
/// </summary>
/// <typeparam name="TVector">The vector's type.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>Lanes.</summary>
    static abstract int Width { get; }

    /// <summary>Rows in a register tile of two vectors: the accumulators, the weights and one splat fit the registers.</summary>
    static abstract int TileRows { get; }

    /// <summary>All lanes zero.</summary>
    static abstract TVector Zero { get; }

    /// <summary>All lanes <paramref name="value"/>.</summary>
    static abstract TVector Splat(float value);

    /// <summary>Loads without alignment.</summary>
    static abstract TVector Load(float* source);

    /// <summary>Loads the first <paramref name="count"/> lanes, 0 to Width; the others are zero and not read.</summary>
    static abstract TVector LoadPartial(float* source, int count);

    /// <summary>Loads and widens half-precision values; no alignment.</summary>
    static abstract TVector LoadHalf(ushort* source);

    /// <summary>Loads and widens bfloat16 values; no alignment.</summary>
    static abstract TVector LoadBFloat16(ushort* source);

    /// <summary>Stores without alignment.</summary>
    static abstract void Store(float* destination, TVector value);

    /// <summary>Stores the first <paramref name="count"/> lanes, 0 to Width; nothing else is written.</summary>
    static abstract void StorePartial(float* destination, TVector value, int count);

    /// <summary>left + right.</summary>
    static abstract TVector Add(TVector left, TVector right);

    /// <summary>left − right.</summary>
    static abstract TVector Subtract(TVector left, TVector right);

    /// <summary>left · right.</summary>
    static abstract TVector Multiply(TVector left, TVector right);

    /// <summary>left ÷ right.</summary>
    static abstract TVector Divide(TVector left, TVector right);

    /// <summary>√value.</summary>
    static abstract TVector SquareRoot(TVector value);

    /// <summary>left · right + addend, rounded once where the instruction set can.</summary>
    static abstract TVector MultiplyAdd(TVector left, TVector right, TVector addend);

    /// <summary>The larger; <paramref name="right"/> where either is NaN.</summary>
    static abstract TVector Max(TVector left, TVector right);

    /// <summary>The smaller; <paramref name="right"/> where either is NaN.</summary>
    static abstract TVector Min(TVector left, TVector right);

    /// <summary><paramref name="value"/> where <paramref name="gate"/> is greater than zero, else zero.</summary>
    static abstract TVector Gate(TVector value, TVector gate);

    /// <summary>To the nearest integer, ties to even.</summary>
    static abstract TVector Round(TVector value);

    /// <summary>value · 2^exponent for integral exponents in [−252, 254]; subnormal and infinite results are right.</summary>
    static abstract TVector Scale(TVector value, TVector exponent);

    /// <summary>Sum of the lanes, halves first: always the same tree.</summary>
    static abstract float Sum(TVector value);

    /// <summary>Stores the sums of four vectors' lanes next to each other, each the bits of <see cref="Sum"/>.</summary>
    static abstract void Sums(TVector a, TVector b, TVector c, TVector d, float* destination);

    /// <summary>Largest lane.</summary>
    static abstract float MaxLane(TVector value);

    /// <summary>Exchanges rows and columns of Width by Width floats, whose rows lie <paramref name="sourceStride"/> and <paramref name="targetStride"/> apart.</summary>
    static abstract void Transpose(float* source, nint sourceStride, float* target, nint targetStride);

    /// <summary>Asks for the cache line at an address, which need not be mapped.</summary>
    static abstract void Prefetch(void* address);
}
