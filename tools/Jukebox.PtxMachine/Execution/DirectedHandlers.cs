using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

internal interface IRounding
{
    static abstract Rounding Mode { get; }
}

internal enum Rounding : byte
{
    Nearest,
    Zero,
    Down,
    Up,
}

internal readonly struct TowardZero : IRounding
{
    public static Rounding Mode => Rounding.Zero;
}

internal readonly struct Downward : IRounding
{
    public static Rounding Mode => Rounding.Down;
}

internal readonly struct Upward : IRounding
{
    public static Rounding Mode => Rounding.Up;
}

/// <summary>
/// f32 arithmetic with directed rounding (<c>.rz .rm .rp</c>), which NVRTC's own exponential uses. Everything is a·b + c in double, where
/// the product is exact and the sum is kept as a value and its error.
/// </summary>
internal static unsafe class DirectedHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyAdd<TRounding>(Warp* w, Instruction* i)
        where TRounding : struct, IRounding
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<float> a = Lanes.Load<float>(w, i->A, part), b = Lanes.Load<float>(w, i->B, part), c = Lanes.Load<float>(w, i->C, part);
            Vector512<float> low = Part<TRounding>(Vector512.WidenLower(a), Vector512.WidenLower(b), Vector512.WidenLower(c), out Vector512<double> lowNear);
            Vector512<float> result = Finish<TRounding>(low, lowNear, Vector512.WidenUpper(a), Vector512.WidenUpper(b), Vector512.WidenUpper(c));
            Lanes.Store(w, i->D, part, result);
        }
    }

    /// <summary>Where the nearest float lies against the exact value: 1 above, −1 below, 0 on it; and that float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Part<TRounding>(Vector512<double> a, Vector512<double> b, Vector512<double> c, out Vector512<double> side)
        where TRounding : struct, IRounding
    {
        Vector512<double> product = a * b;
        Vector512<double> sum = product + c;
        Vector512<double> back = sum - product;
        Vector512<double> error = (product - (sum - back)) + (c - back);
        Vector512<float> near = Vector512.Narrow(sum, sum);
        Vector512<double> nearWide = Vector512.WidenLower(near);

        // Equal: the error decides. Otherwise the error is too small to matter. Of a NaN or an infinity nothing is on either side.
        Vector512<double> above = Vector512.GreaterThan(nearWide, sum) | (Vector512.Equals(nearWide, sum) & Vector512.LessThan(error, Vector512<double>.Zero));
        Vector512<double> below = Vector512.LessThan(nearWide, sum) | (Vector512.Equals(nearWide, sum) & Vector512.GreaterThan(error, Vector512<double>.Zero));
        side = (above & Vector512<double>.One) - (below & Vector512<double>.One);

        // A sum that is exactly zero is −0 when rounding down, unless both terms are +0.
        if (TRounding.Mode == Rounding.Down)
        {
            Vector512<double> isZero = Vector512.Equals(sum, Vector512<double>.Zero) & Vector512.Equals(error, Vector512<double>.Zero);
            Vector512<long> bothPositive = ~(product.AsInt64() | c.AsInt64());
            Vector512<double> negative = isZero & Vector512.GreaterThanOrEqual(bothPositive, Vector512<long>.Zero).AsDouble();
            near = Vector512.ConditionalSelect(Vector512.Narrow(negative.AsInt64(), negative.AsInt64()).AsSingle(), Vector512.Create(-0f), near);
        }

        return near;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Finish<TRounding>(Vector512<float> low, Vector512<double> lowSide, Vector512<double> a, Vector512<double> b, Vector512<double> c)
        where TRounding : struct, IRounding
    {
        Vector512<float> high = Part<TRounding>(a, b, c, out Vector512<double> highSide);
        var near = Vector512.Create(low.GetLower(), high.GetLower());
        Vector512<float> side = Vector512.Narrow(lowSide, highSide);
        Vector512<int> bits = near.AsInt32();
        Vector512<int> isNegative = Vector512.ShiftRightArithmetic(bits, 31);
        Vector512<int> isZero = Vector512.Equals(bits & Vector512.Create(0x7FFFFFFF), Vector512<int>.Zero);

        // The neighbours: one step of the pattern, away from zero where signs agree.
        Vector512<int> one = Vector512<int>.One;
        Vector512<int> down = Vector512.ConditionalSelect(isZero, Vector512.Create(unchecked((int)0x80000001)), Vector512.ConditionalSelect(isNegative, bits + one, bits - one));
        Vector512<int> up = Vector512.ConditionalSelect(isZero, one, Vector512.ConditionalSelect(isNegative, bits - one, bits + one));
        Vector512<int> isAbove = Vector512.GreaterThan(side, Vector512<float>.Zero).AsInt32();
        Vector512<int> isBelow = Vector512.LessThan(side, Vector512<float>.Zero).AsInt32();
        Vector512<int> result = TRounding.Mode switch
        {
            Rounding.Down => Vector512.ConditionalSelect(isAbove, down, bits),
            Rounding.Up => Vector512.ConditionalSelect(isBelow, up, bits),
            _ => Vector512.ConditionalSelect(isAbove & ~isNegative, down, Vector512.ConditionalSelect(isBelow & isNegative, up, bits)),
        };
        return result.AsSingle();
    }
}
