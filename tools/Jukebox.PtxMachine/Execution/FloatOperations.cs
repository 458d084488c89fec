using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

// Arithmetic on f32 and f64, rounded to nearest. Payloads of NaN are not kept apart: a NaN is a NaN.
internal readonly struct Divide<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => a / b;
}

internal readonly struct FusedMultiplyAdd : ITernary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.FusedMultiplyAdd(a, b, c);
}

internal readonly struct FusedMultiplyAdd64 : ITernary<double>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Apply(Vector512<double> a, Vector512<double> b, Vector512<double> c) => Vector512.FusedMultiplyAdd(a, b, c);
}

/// <summary>The larger; of a number and a NaN the number.</summary>
internal readonly struct MaximumNumber<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.MaxNumber(a, b);
}

internal readonly struct MinimumNumber<T> : IBinary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => Vector512.MinNumber(a, b);
}

internal readonly struct AbsoluteFloat<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => Vector512.Abs(a);
}

internal readonly struct SquareRoot<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => Vector512.Sqrt(a);
}

internal readonly struct Reciprocal<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => Vector512<T>.One / a;
}

internal readonly struct ReciprocalSquareRoot<T> : IUnary<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a) => Vector512<T>.One / Vector512.Sqrt(a);
}

/// <summary>The magnitude of B with the sign of A, as PTX orders them.</summary>
internal readonly struct CopySign : IBinary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => Vector512.CopySign(b, a);
}

/// <summary>2 to the power of a, to about one unit in the last place, with the same bits on every host.</summary>
internal readonly struct PowerOfTwo : IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a)
    {
        Vector512<float> clamped = Vector512.Min(Vector512.Max(a, Vector512.Create(-152f)), Vector512.Create(129f));
        Vector512<float> whole = Vector512.Round(clamped);
        Vector512<float> rest = clamped - whole;

        // Taylor's coefficients ln(2)^k / k!: the rest is at most a half, and the seventh term below the rounding.
        Vector512<float> sum = Vector512.Create(1.5252734e-5f);
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1.5403530e-4f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(1.3333558e-3f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(9.6181291e-3f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(5.5504109e-2f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(0.24022651f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512.Create(0.69314718f));
        sum = Vector512.FusedMultiplyAdd(sum, rest, Vector512<float>.One);

        // Two factors, because one power of two of that size need not be a float.
        Vector512<int> exponent = Vector512.ConvertToInt32(whole);
        Vector512<int> half = Vector512.ShiftRightArithmetic(exponent, 1);
        Vector512<int> bias = Vector512.Create(127);
        Vector512<float> first = Vector512.ShiftLeft(half + bias, 23).AsSingle();
        Vector512<float> second = Vector512.ShiftLeft(exponent - half + bias, 23).AsSingle();
        return sum * first * second;
    }
}

/// <summary>Subnormal operands and results become zeros of their sign: <c>.ftz</c>.</summary>
internal static class Flush
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ToZero(Vector512<float> a)
    {
        Vector512<uint> sign = a.AsUInt32() & Vector512.Create(0x80000000u);
        Vector512<uint> isSmall = Vector512.LessThan(a.AsUInt32() ^ sign, Vector512.Create(0x00800000u));
        return Vector512.ConditionalSelect(isSmall, sign, a.AsUInt32()).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToZero(float a) => float.IsSubnormal(a) ? float.CopySign(0, a) : a;
}

internal readonly struct FlushUnary<TOperation> : IUnary<float>
    where TOperation : struct, IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a) => Flush.ToZero(TOperation.Apply(Flush.ToZero(a)));
}

internal readonly struct FlushBinary<TOperation> : IBinary<float>
    where TOperation : struct, IBinary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => Flush.ToZero(TOperation.Apply(Flush.ToZero(a), Flush.ToZero(b)));
}

internal readonly struct FlushTernary<TOperation> : ITernary<float>
    where TOperation : struct, ITernary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Flush.ToZero(TOperation.Apply(Flush.ToZero(a), Flush.ToZero(b), Flush.ToZero(c)));
}

/// <summary>Results are held to [0, 1], NaN becoming 0: <c>.sat</c>.</summary>
internal readonly struct Saturate : IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a) => Vector512.MinNumber(Vector512.MaxNumber(a, Vector512<float>.Zero), Vector512<float>.One);
}

internal readonly struct SaturateBinary<TOperation> : IBinary<float>
    where TOperation : struct, IBinary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => Saturate.Apply(TOperation.Apply(a, b));
}

internal readonly struct SaturateTernary<TOperation> : ITernary<float>
    where TOperation : struct, ITernary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Saturate.Apply(TOperation.Apply(a, b, c));
}

// Functions that the hardware approximates; here they are the host's, computed in double and rounded once.
internal readonly struct Sine : ILaneUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Sin(a);
}

internal readonly struct Cosine : ILaneUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Cos(a);
}

internal readonly struct LogarithmOfTwo : ILaneUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Log2(a);
}

internal readonly struct HyperbolicTangent : ILaneUnary<float, float>
{
    public static float Apply(float a) => (float)Math.Tanh(a);
}

internal readonly struct FlushLane<TOperation> : ILaneUnary<float, float>
    where TOperation : struct, ILaneUnary<float, float>
{
    public static float Apply(float a) => Flush.ToZero(TOperation.Apply(Flush.ToZero(a)));
}
