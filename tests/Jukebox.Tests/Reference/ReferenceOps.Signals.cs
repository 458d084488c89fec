namespace Jukebox.Tests.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// |STFT(x)| of one signal, (frame, transform / 2 + 1): frames centred, ends reflected, periodic Hann window in the middle of
    /// the transform; and the transforms themselves.
    /// </summary>
    public static (double[] Magnitudes, double[] Re, double[] Im) Spectrum(double[] x, int transform, int hop, int window)
    {
        int frames = 1 + (x.Length / hop), bins = (transform / 2) + 1;
        double[] re = new double[frames * bins], im = new double[frames * bins];
        for (int f = 0; f < frames; f++)
        {
            for (int m = 0; m < window; m++)
            {
                int at = m + ((transform - window) / 2);
                double value = x[Reflected((f * hop) + at - (transform / 2), x.Length)] * Hann(m, window);
                for (int k = 0; k < bins; k++)
                {
                    re[(f * bins) + k] += value * Math.Cos(2 * Math.PI * ((long)k * at % transform) / transform);
                    im[(f * bins) + k] -= value * Math.Sin(2 * Math.PI * ((long)k * at % transform) / transform);
                }
            }
        }

        return (re.Zip(im, (a, b) => Math.Sqrt((a * a) + (b * b))).ToArray(), re, im);
    }

    /// <summary>‖ |STFT(x)| − |STFT(y)| ‖ and ‖ |STFT(x)| ‖ of one item.</summary>
    public static (double Distance, double Energy) SpectralDistance(double[] x, double[] y, int transform, int hop, int window)
    {
        double[] mx = Spectrum(x, transform, hop, window).Magnitudes, my = Spectrum(y, transform, hop, window).Magnitudes;
        return (Math.Sqrt(mx.Zip(my, (a, b) => (a - b) * (a - b)).Sum()), Math.Sqrt(mx.Sum(a => a * a)));
    }

    /// <summary>
    /// ∂ distance / ∂y[t] = Σ over frames and frequencies of D / ‖D‖ · ∂|Y| / ∂y[t], D = |Y| − |X|, where a frame's |Y| changes
    /// with its sample at by (re · cos − im · sin) / |Y|; zero where the norm or |Y| is.
    /// </summary>
    public static double[] SpectralDistanceGradient(double[] x, double[] y, int transform, int hop, int window)
    {
        int frames = 1 + (x.Length / hop), bins = (transform / 2) + 1;
        double[] mx = Spectrum(x, transform, hop, window).Magnitudes;
        (double[] my, double[] re, double[] im) = Spectrum(y, transform, hop, window);
        double norm = SpectralDistance(x, y, transform, hop, window).Distance;
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

                dy[Reflected((f * hop) + at - (transform / 2), y.Length)] += slope * Hann(m, window);
            }
        }

        return dy;
    }

    /// <summary>(mean |y − x|, mean (y − x)², mean over items of the mean of the k largest (y − x)²).</summary>
    public static double[] SampleDistance(double[] x, double[] y, int batch, int largestCount)
    {
        int length = x.Length / batch;
        double[] losses = new double[3], d = x.Zip(y, (a, b) => b - a).ToArray();
        losses[0] = d.Average(Math.Abs);
        losses[1] = d.Average(v => v * v);
        for (int n = 0; n < batch; n++)
        {
            losses[2] += Largest(d, n * length, length, largestCount).Average(i => d[i] * d[i]) / batch;
        }

        return losses;
    }

    /// <summary>The gradient of Σ scales · losses; exactly k samples of an item are its largest, the first of equal ones.</summary>
    public static double[] SampleDistanceGradient(double[] x, double[] y, int batch, int largestCount, double absolute, double square, double largest)
    {
        int length = x.Length / batch;
        double[] d = x.Zip(y, (a, b) => b - a).ToArray();
        double[] dy = d.Select(v => ((absolute * Math.Sign(v)) + (square * 2 * v)) / d.Length).ToArray();
        for (int n = 0; n < batch; n++)
        {
            foreach (int i in Largest(d, n * length, length, largestCount))
            {
                dy[i] += largest * 2 * d[i] / largestCount / batch;
            }
        }

        return dy;
    }

    private static IEnumerable<int> Largest(double[] d, int first, int length, int count) =>
        Enumerable.Range(first, length).OrderByDescending(i => d[i] * d[i]).ThenBy(i => i).Take(count);

    private static double Hann(int m, int window) => 0.5 * (1 - Math.Cos(2 * Math.PI * m / window));

    private static int Reflected(int t, int length) => t < 0 ? -t : t >= length ? (2 * (length - 1)) - t : t;
}
