using System.Runtime.CompilerServices;

namespace Jukebox.Cpu.Simd;

/// <summary>Functions of every lane, built on the instruction set's own operations.</summary>
internal static class VectorMath<TSimd, TVector>
    where TSimd : ISimd<TVector>
    where TVector : unmanaged
{
    /// <summary>
    /// e^x to about one unit in the last place: x = n·ln 2 + r with |r| ≤ ln 2 / 2, then a polynomial in r (Cephes'
    /// <c>expf</c>) times 2^n. Zero below −104, infinite above 88.8; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        x = TSimd.Min(TSimd.Splat(90), TSimd.Max(TSimd.Splat(-105), x));
        TVector n = TSimd.Round(TSimd.Multiply(x, TSimd.Splat(1.44269504f)));

        // ln 2 in two parts: the first has so few bits that n times it is exact, fused or not.
        TVector r = TSimd.MultiplyAdd(n, TSimd.Splat(-0.693359375f), x);
        r = TSimd.MultiplyAdd(n, TSimd.Splat(2.12194440e-4f), r);
        TVector p = TSimd.MultiplyAdd(TSimd.Splat(1.9875691500e-4f), r, TSimd.Splat(1.3981999507e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Splat(8.3334519073e-3f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Splat(4.1665795894e-2f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Splat(1.6666665459e-1f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Splat(5.0000001201e-1f));
        p = TSimd.Add(TSimd.MultiplyAdd(p, TSimd.Multiply(r, r), r), TSimd.Splat(1));
        return TSimd.Scale(p, n);
    }

    /// <summary>x · sigmoid(1.702 · x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector QuickGelu(TVector x) =>
        TSimd.Divide(x, TSimd.Add(Exp(TSimd.Multiply(x, TSimd.Splat(-1.702f))), TSimd.Splat(1)));
}
