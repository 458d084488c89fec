using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.PtxMachine.Execution;

/// <summary>How 4-byte lanes become 8-byte ones.</summary>
internal interface IWidening
{
    /// <summary>Eight lanes from their address.</summary>
    static abstract unsafe Vector512<long> Widen(byte* lanes);
}

internal readonly struct SignedWidening : IWidening
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<long> Widen(byte* lanes)
    {
        Vector256<int> narrow = *(Vector256<int>*)lanes;
        return Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int64(narrow)
            : Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }
}

internal readonly struct UnsignedWidening : IWidening
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<long> Widen(byte* lanes)
    {
        Vector256<uint> narrow = *(Vector256<uint>*)lanes;
        return Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int64(narrow)
            : Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow)).AsInt64();
    }
}

/// <summary>Instructions between lanes of 4 and of 8 bytes.</summary>
internal static unsafe class WideHandlers
{
    /// <summary>D = A widened.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Widen<TWidening>(Warp* w, Instruction* i)
        where TWidening : struct, IWidening
    {
        byte* a = w->Registers + i->A;
        for (int part = 0; part < 4; part++)
        {
            Lanes.Store(w, i->D, part, TWidening.Widen(a + (32 * part)));
        }
    }

    /// <summary>D = A·B in 8 bytes, of operands of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TWidening>(Warp* w, Instruction* i)
        where TWidening : struct, IWidening
    {
        byte* a = w->Registers + i->A, b = w->Registers + i->B;
        for (int part = 0; part < 4; part++)
        {
            Lanes.Store(w, i->D, part, TWidening.Widen(a + (32 * part)) * TWidening.Widen(b + (32 * part)));
        }
    }

    /// <summary>D = A·B + C, of operands of 4 bytes and a C of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyAdd<TWidening>(Warp* w, Instruction* i)
        where TWidening : struct, IWidening
    {
        byte* a = w->Registers + i->A, b = w->Registers + i->B;
        for (int part = 0; part < 4; part++)
        {
            Vector512<long> product = TWidening.Widen(a + (32 * part)) * TWidening.Widen(b + (32 * part));
            Lanes.Store(w, i->D, part, product + Lanes.Load<long>(w, i->C, part));
        }
    }

    /// <summary>D = the low 4 bytes of A.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Narrow(Warp* w, Instruction* i)
    {
        for (int part = 0; part < 2; part++)
        {
            Lanes.Store(w, i->D, part, NarrowPart(w->Registers + i->A, part));
        }
    }

    /// <summary>16 lanes of 4 bytes from the low halves of lanes of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> NarrowPart(byte* lanes, int part)
    {
        var source = (Vector512<ulong>*)(lanes + (128 * part));
        return Avx512F.IsSupported
            ? Vector512.Create(Avx512F.ConvertToVector256UInt32(source[0]), Avx512F.ConvertToVector256UInt32(source[1]))
            : Vector512.Narrow(source[0], source[1]);
    }

    /// <summary>D = A shifted, lanes of 8 bytes by counts of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Shift<TShift>(Warp* w, Instruction* i)
        where TShift : struct, IBinary<long>
    {
        byte* counts = w->Registers + i->B;
        for (int part = 0; part < 4; part++)
        {
            Lanes.Store(w, i->D, part, TShift.Apply(Lanes.Load<long>(w, i->A, part), UnsignedWidening.Widen(counts + (32 * part))));
        }
    }
}

internal readonly struct ShiftLeft64 : IBinary<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Apply(Vector512<long> a, Vector512<long> b)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ShiftLeftLogicalVariable(a, b.AsUInt64());
        }

        Vector512<long> result = default;
        for (int lane = 0; lane < 8; lane++)
        {
            result = result.WithElement(lane, b[lane] > 63 ? 0 : a[lane] << (int)b[lane]);
        }

        return result;
    }
}

internal readonly struct ShiftRight64 : IBinary<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Apply(Vector512<long> a, Vector512<long> b)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ShiftRightLogicalVariable(a, b.AsUInt64());
        }

        Vector512<long> result = default;
        for (int lane = 0; lane < 8; lane++)
        {
            result = result.WithElement(lane, b[lane] > 63 ? 0 : a[lane] >>> (int)b[lane]);
        }

        return result;
    }
}

internal readonly struct ShiftRightSigned64 : IBinary<long>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Apply(Vector512<long> a, Vector512<long> b)
    {
        Vector512<long> count = Vector512.Min(b, Vector512.Create(63L));
        if (Avx512F.IsSupported)
        {
            return Avx512F.ShiftRightArithmeticVariable(a, count.AsUInt64());
        }

        Vector512<long> result = default;
        for (int lane = 0; lane < 8; lane++)
        {
            result = result.WithElement(lane, a[lane] >> (int)count[lane]);
        }

        return result;
    }
}
