namespace Jukebox.Testing.Reference;

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

    public static IEnumerable<int> Largest(double[] d, int first, int length, int count) =>
        Enumerable.Range(first, length).OrderByDescending(i => d[i] * d[i]).ThenBy(i => i).Take(count);

    public static double Hann(int m, int window) => 0.5 * (1 - Math.Cos(2 * Math.PI * m / window));

    public static int Reflected(int t, int length) => t < 0 ? -t : t >= length ? (2 * (length - 1)) - t : t;
}
