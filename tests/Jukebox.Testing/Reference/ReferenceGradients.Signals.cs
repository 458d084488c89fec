namespace Jukebox.Testing.Reference;

public static partial class ReferenceGradients
{
    /// <summary>
    /// ∂ distance / ∂y[t] = Σ over frames and frequencies of D / ‖D‖ · ∂|Y| / ∂y[t], D = |Y| − |X|, where a frame's |Y| changes
    /// with its sample at by (re · cos − im · sin) / |Y|; zero where the norm or |Y| is.
    /// </summary>
    public static double[] SpectralDistance(double[] x, double[] y, int transform, int hop, int window)
    {
        int frames = 1 + (x.Length / hop), bins = (transform / 2) + 1;
        double[] mx = ReferenceOps.Spectrum(x, transform, hop, window).Magnitudes;
        (double[] my, double[] re, double[] im) = ReferenceOps.Spectrum(y, transform, hop, window);
        double norm = ReferenceOps.SpectralDistance(x, y, transform, hop, window).Distance;
        var dy = new double[y.Length];
        for (int f = 0; f < frames && norm > 0; f++)
        {
            for (int m = 0; m < window; m++)
            {
                int at = m + ((transform - window) / 2);
                double slope = 0;
                for (int k = 0; k < bins; k++)
                {
                    int i = (f * bins) + k;
                    double angle = 2 * Math.PI * ((long)k * at % transform) / transform;
                    slope += my[i] == 0 ? 0 : (my[i] - mx[i]) / norm * ((re[i] * Math.Cos(angle)) - (im[i] * Math.Sin(angle))) / my[i];
                }

                dy[ReferenceOps.Reflected((f * hop) + at - (transform / 2), y.Length)] += slope * ReferenceOps.Hann(m, window);
            }
        }

        return dy;
    }

    /// <summary>The gradient of Σ scales · losses; exactly k samples of an item are its largest, the first of equal ones.</summary>
    public static double[] SampleDistance(double[] x, double[] y, int batch, int largestCount, double absolute, double square, double largest)
    {
        int length = x.Length / batch;
        double[] d = x.Zip(y, (a, b) => b - a).ToArray();
        double[] dy = d.Select(v => ((absolute * Math.Sign(v)) + (square * 2 * v)) / d.Length).ToArray();
        for (int n = 0; n < batch; n++)
        {
            foreach (int i in ReferenceOps.Largest(d, n * length, length, largestCount))
            {
                dy[i] += largest * 2 * d[i] / largestCount / batch;
            }
        }

        return dy;
    }
}
