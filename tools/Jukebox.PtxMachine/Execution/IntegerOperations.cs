using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Jukebox.PtxMachine.Execution;

// Integer arithmetic on lanes of 4 and 8 bytes. 16-bit values are kept zero-extended in 4-byte lanes; their results are cut back by the
// types whose names end in 16.
internal readonly struct Copy<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => a;
}

internal readonly struct Add<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a + b;
}

internal readonly struct Subtract<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a - b;
}

internal readonly struct Multiply<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a * b;
}

internal readonly struct MultiplyAdd<T> : ITernary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b, Vector512<T> c) => (a * b) + c;
}

internal readonly struct Minimum<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.Min(a, b);
}

internal readonly struct Maximum<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.Max(a, b);
}

internal readonly struct And<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a & b;
}

internal readonly struct Or<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a | b;
}

internal readonly struct Xor<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a ^ b;
}

internal readonly struct Complement<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => ~a;
}

internal readonly struct Negate<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => -a;
}

internal readonly struct Absolute<T> : IUnary<T>
{
    /// <summary>As PTX has it for integers: the smallest stays itself.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => Vector512.ConditionalSelect(Vector512.LessThan(a, Vector512<T>.Zero), -a, a);
}

/// <summary>The low 16 bits of another operation's result.</summary>
internal readonly struct Low16<TOperation> : IBinary<int>
    where TOperation : struct, IBinary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a, Vector512<int> b) => TOperation.Apply(a, b) & Vector512.Create(0xFFFF);
}

/// <summary>The low 16 bits of another operation's result on sign-extended operands.</summary>
internal readonly struct Signed16<TOperation> : IBinary<int>
    where TOperation : struct, IBinary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a, Vector512<int> b) =>
        TOperation.Apply(SignExtend16.Apply(a), SignExtend16.Apply(b)) & Vector512.Create(0xFFFF);
}

/// <summary>The low 16 bits of another operation's result.</summary>
internal readonly struct LowUnary16<TOperation> : IUnary<int>
    where TOperation : struct, IUnary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a) => TOperation.Apply(SignExtend16.Apply(a)) & Vector512.Create(0xFFFF);
}

/// <summary>The low 16 bits of a·b + c.</summary>
internal readonly struct MultiplyAdd16 : ITernary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a, Vector512<int> b, Vector512<int> c) => ((a * b) + c) & Vector512.Create(0xFFFF);
}

internal readonly struct SignExtend16 : IUnary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a) => Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(a, 16), 16);
}

internal readonly struct SignExtend8 : IUnary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a) => Vector512.ShiftRightArithmetic(Vector512.ShiftLeft(a, 24), 24);
}

internal readonly struct ZeroExtend16 : IUnary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a) => a & Vector512.Create(0xFFFF);
}

internal readonly struct ZeroExtend8 : IUnary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a) => a & Vector512.Create(0xFF);
}

/// <summary>Shifts by a different count in every lane; counts from 32 on give 0, or the sign.</summary>
internal readonly struct ShiftLeft32 : IBinary<uint>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Apply(Vector512<uint> a, Vector512<uint> b)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ShiftLeftLogicalVariable(a, b);
        }

        if (Avx2.IsSupported)
        {
            return Vector512.Create(Avx2.ShiftLeftLogicalVariable(a.GetLower(), b.GetLower()), Avx2.ShiftLeftLogicalVariable(a.GetUpper(), b.GetUpper()));
        }

        Vector512<uint> result = default;
        for (int lane = 0; lane < 16; lane++)
        {
            result = result.WithElement(lane, b[lane] > 31 ? 0 : a[lane] << (int)b[lane]);
        }

        return result;
    }
}

internal readonly struct ShiftRight32 : IBinary<uint>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Apply(Vector512<uint> a, Vector512<uint> b)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.ShiftRightLogicalVariable(a, b);
        }

        if (Avx2.IsSupported)
        {
            return Vector512.Create(Avx2.ShiftRightLogicalVariable(a.GetLower(), b.GetLower()), Avx2.ShiftRightLogicalVariable(a.GetUpper(), b.GetUpper()));
        }

        Vector512<uint> result = default;
        for (int lane = 0; lane < 16; lane++)
        {
            result = result.WithElement(lane, b[lane] > 31 ? 0 : a[lane] >> (int)b[lane]);
        }

        return result;
    }
}

internal readonly struct ShiftRightSigned32 : IBinary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a, Vector512<int> b)
    {
        Vector512<uint> count = Vector512.Min(b.AsUInt32(), Vector512.Create(31u));
        if (Avx512F.IsSupported)
        {
            return Avx512F.ShiftRightArithmeticVariable(a, count);
        }

        if (Avx2.IsSupported)
        {
            return Vector512.Create(Avx2.ShiftRightArithmeticVariable(a.GetLower(), count.GetLower()), Avx2.ShiftRightArithmeticVariable(a.GetUpper(), count.GetUpper()));
        }

        Vector512<int> result = default;
        for (int lane = 0; lane < 16; lane++)
        {
            result = result.WithElement(lane, a[lane] >> (int)count[lane]);
        }

        return result;
    }
}

/// <summary>A shift of a 16-bit value: sign-extended or zero-extended by its type, cut back to 16 bits.</summary>
internal readonly struct Shift16<TShift> : IBinary<uint>
    where TShift : struct, IBinary<uint>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Apply(Vector512<uint> a, Vector512<uint> b) => TShift.Apply(a, b) & Vector512.Create(0xFFFFu);
}

internal readonly struct ShiftRightSigned16 : IBinary<int>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Apply(Vector512<int> a, Vector512<int> b) =>
        ShiftRightSigned32.Apply(SignExtend16.Apply(a), b) & Vector512.Create(0xFFFF);
}
