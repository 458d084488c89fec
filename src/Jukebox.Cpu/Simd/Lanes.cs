using System.Runtime.CompilerServices;

namespace Jukebox.Cpu.Simd;

/// <summary>Whole or partial vectors by their count, for loops whose last turn is short.</summary>
internal static unsafe class Lanes<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>The first <paramref name="count"/> lanes, at most Width; the others are zero and not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load(float* source, int count) =>
        count >= TSimd.Width ? TSimd.Load(source) : TSimd.LoadPartial(source, count);

    /// <summary>Stores the first <paramref name="count"/> lanes, at most Width; nothing else is written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float* destination, TVector value, int count)
    {
        if (count >= TSimd.Width)
        {
            TSimd.Store(destination, value);
        }
        else
        {
            TSimd.StorePartial(destination, value, count);
        }
    }
}
