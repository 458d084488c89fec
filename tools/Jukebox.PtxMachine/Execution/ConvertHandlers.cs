using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.PtxMachine.Execution;

/// <summary>How a float becomes whole.</summary>
internal interface IWhole
{
    static abstract Vector512<float> Apply(Vector512<float> a);
}

internal readonly struct NearestWhole : IWhole, IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a) => Vector512.Round(a);
}

internal readonly struct TruncatedWhole : IWhole, IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a) => Vector512.Truncate(a);
}

internal readonly struct LowerWhole : IWhole, IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a) => Vector512.Floor(a);
}

internal readonly struct UpperWhole : IWhole, IUnary<float>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> a) => Vector512.Ceiling(a);
}

/// <summary>Conversions that are common enough to deserve vectors; <see cref="Conversion"/> does all others.</summary>
internal static unsafe class ConvertHandlers
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void HalfToFloat<TFormat>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
    {
        for (int part = 0; part < 2; part++)
        {
            Lanes.Store(w, i->D, part, TFormat.Widen(Lanes.Load<int>(w, i->A, part)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FloatToHalf<TFormat>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
    {
        for (int part = 0; part < 2; part++)
        {
            Lanes.Store(w, i->D, part, TFormat.Narrow(Lanes.Load<float>(w, i->A, part)));
        }
    }

    /// <summary>D = A in the upper half, B in the lower.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FloatsToPair<TFormat>(Warp* w, Instruction* i)
        where TFormat : struct, IHalfFormat
    {
        for (int part = 0; part < 2; part++)
        {
            Vector512<int> upper = TFormat.Narrow(Lanes.Load<float>(w, i->A, part)), lower = TFormat.Narrow(Lanes.Load<float>(w, i->B, part));
            Lanes.Store(w, i->D, part, Vector512.ShiftLeft(upper, 16) | lower);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SignedToFloat(Warp* w, Instruction* i)
    {
        for (int part = 0; part < 2; part++)
        {
            Lanes.Store(w, i->D, part, Vector512.ConvertToSingle(Lanes.Load<int>(w, i->A, part)));
        }
    }

    /// <summary>Out of range becomes the nearest integer, NaN 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FloatToSigned<TWhole>(Warp* w, Instruction* i)
        where TWhole : struct, IWhole
    {
        for (int part = 0; part < 2; part++)
        {
            Lanes.Store(w, i->D, part, Vector512.ConvertToInt32(TWhole.Apply(Lanes.Load<float>(w, i->A, part))));
        }
    }

    /// <summary>Any conversion; <see cref="Instruction.Extra"/> points to its <see cref="Conversion"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Any(Warp* w, Instruction* i)
    {
        var conversion = (Conversion*)i->Extra;
        byte* a = w->Registers + i->A, d = w->Registers + i->D;
        for (uint mask = w->Mask; mask != 0;)
        {
            int lane = Lanes.Take(ref mask);
            ulong bits = conversion->SourceIsWide ? ((ulong*)a)[lane] : ((uint*)a)[lane];
            ulong result = conversion->Apply(bits);
            if (conversion->ResultIsWide)
            {
                ((ulong*)d)[lane] = result;
            }
            else
            {
                ((uint*)d)[lane] = (uint)result;
            }
        }
    }
}
