using System.Numerics;

namespace Jukebox.Recordings.Embeddings;

/// <summary>
/// Resampling of rows over time as <c>scipy.signal.resample</c> does it, which jukemirlib and EDGE use: the spectrum of the whole is cut off or
/// continued with zeros, and turned back. It is periodic: the end rings into the beginning.
/// <para>
/// Of real signals that is a sum, y[i] = Σ_t x[t] · D(i/n − t/T) / T with D(φ) = Σ_j w_j cos(2πjφ) over the frequencies that both lengths have, w_0 = 1 and else 2, or
/// 1 for the middle one of an even T when n is larger. D has a closed form, and the sum is exact to rounding for any lengths.
/// </para>
/// </summary>
public static class FourierResampling
{
    /// <summary>Columns that are summed at a time: their sums stay in a processor's cache.</summary>
    private const int TileColumns = 64;

    /// <summary>Rows at another rate. ⌈T · rate / old rate⌉ of them, so that the true rate is slightly other: see <see cref="Frames.RateHz"/> of the result.</summary>
    /// <param name="frames">T rows, at least one.</param>
    /// <param name="framesPerSecond">The wanted rate.</param>
    /// <param name="threads">Threads to compute on; results do not depend on it.</param>
    public static Frames Resample(Frames frames, double framesPerSecond, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        ArgumentOutOfRangeException.ThrowIfZero(frames.Count);
        int old = frames.Count, count = (int)Math.Ceiling(old * (framesPerSecond / frames.RateHz)), width = frames.Width;
        double rate = frames.RateHz * count / old;
        if (count == old)
        {
            return frames with { RateHz = rate };
        }

        int common = GreatestCommonDivisor(old, count);
        int ofOld = count / common, ofNew = old / common; // steps of the kernel's table from row to row
        double[] kernel = Kernel(old, count, checked((int)((long)old * ofOld)));
        var values = new float[count * width];
        Parallel.For(0, (width + TileColumns - 1) / TileColumns, new ParallelOptions { MaxDegreeOfParallelism = threads }, tile =>
        {
            int first = tile * TileColumns, columns = Math.Min(TileColumns, width - first);
            var sums = new double[count * columns];
            var row = new double[columns];
            for (int t = 0; t < old; t++)
            {
                for (int c = 0; c < columns; c++)
                {
                    row[c] = frames.Values[(t * width) + first + c];
                }

                int place = t == 0 ? 0 : kernel.Length - (t * ofOld); // i/n − t/T, modulo 1
                for (int i = 0; i < count; i++)
                {
                    Add(row, kernel[place], sums.AsSpan(i * columns, columns));
                    place += ofNew;
                    place -= place >= kernel.Length ? kernel.Length : 0;
                }
            }

            for (int i = 0; i < sums.Length; i++)
            {
                values[(i / columns * width) + first + (i % columns)] = (float)sums[i];
            }
        });
        return new Frames(values, width, rate);
    }

    /// <summary>sums += factor · row. Product and sum are rounded apart, with whatever vectors, so that bits are the same everywhere.</summary>
    private static void Add(double[] row, double factor, Span<double> sums)
    {
        int c = 0;
        for (; c + Vector<double>.Count <= sums.Length; c += Vector<double>.Count)
        {
            (new Vector<double>(sums[c..]) + (new Vector<double>(row, c) * factor)).CopyTo(sums[c..]);
        }

        for (; c < sums.Length; c++)
        {
            sums[c] += row[c] * factor;
        }
    }

    /// <summary>D(k / length) / T for every k.</summary>
    private static double[] Kernel(int old, int count, int length)
    {
        int shorter = Math.Min(old, count);
        bool isMiddleShared = shorter % 2 == 0 && count > old; // the middle frequency, half of which each side keeps
        long waves = isMiddleShared ? (shorter / 2) - 1 : shorter / 2; // frequencies that count twice; (shorter − 1) / 2 of an odd one
        var kernel = new double[length];
        for (int k = 0; k < length; k++)
        {
            double sum = k == 0
                ? (2 * waves) + 1
                : Math.Sin(Math.PI * ((((2 * waves) + 1) * k) % (2L * length)) / length) / Math.Sin(Math.PI * k / length);
            sum += isMiddleShared ? Math.Cos(Math.PI * ((long)shorter * k % (2L * length)) / length) : 0;
            kernel[k] = sum / old;
        }

        return kernel;
    }

    private static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
