using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>How lanes of <typeparamref name="T"/> are floats to be compared; masks come back in lanes of the same width.</summary>
internal interface IFloatOperands<T>
{
    static abstract Vector512<T> Equal(Vector512<T> a, Vector512<T> b);

    static abstract Vector512<T> Less(Vector512<T> a, Vector512<T> b);
}

internal readonly struct Plain<T> : IFloatOperands<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Equal(Vector512<T> a, Vector512<T> b) => Vector512.Equals(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Less(Vector512<T> a, Vector512<T> b) => Vector512.LessThan(a, b);
}

/// <summary>f32 whose subnormals count as zeros.</summary>
internal readonly struct Flushed : IFloatOperands<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Equal(Vector512<float> a, Vector512<float> b) => Vector512.Equals(Flush.ToZero(a), Flush.ToZero(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Less(Vector512<float> a, Vector512<float> b) => Vector512.LessThan(Flush.ToZero(a), Flush.ToZero(b));
}

/// <summary>16-bit floats, compared in f32.</summary>
internal readonly struct HalfOperands<TFormat> : IFloatOperands<int>
    where TFormat : struct, IHalfFormat
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Equal(Vector512<int> a, Vector512<int> b) => Vector512.Equals(TFormat.Widen(a), TFormat.Widen(b)).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> Less(Vector512<int> a, Vector512<int> b) => Vector512.LessThan(TFormat.Widen(a), TFormat.Widen(b)).AsInt32();
}

internal readonly struct FloatEqual<T, TOperands> : ICompare<T>
    where TOperands : struct, IFloatOperands<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => TOperands.Equal(a, b);
}

internal readonly struct FloatLess<T, TOperands> : ICompare<T>
    where TOperands : struct, IFloatOperands<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => TOperands.Less(a, b);
}

internal readonly struct FloatLessOrEqual<T, TOperands> : ICompare<T>
    where TOperands : struct, IFloatOperands<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => TOperands.Less(a, b) | TOperands.Equal(a, b);
}

/// <summary>Different, and neither a NaN.</summary>
internal readonly struct FloatNotEqual<T, TOperands> : ICompare<T>
    where TOperands : struct, IFloatOperands<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => TOperands.Less(a, b) | TOperands.Less(b, a);
}

/// <summary>Neither is a NaN.</summary>
internal readonly struct FloatNumbers<T, TOperands> : ICompare<T>
    where TOperands : struct, IFloatOperands<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Apply(Vector512<T> a, Vector512<T> b) => TOperands.Equal(a, a) & TOperands.Equal(b, b);
}
