namespace Jukebox.Recordings.Embeddings;

/// <summary>Rows of features over time: (rows, width), one after the other.</summary>
/// <param name="Values">(rows · width) numbers.</param>
/// <param name="Width">Numbers of a row.</param>
/// <param name="RateHz">Rows per second.</param>
public sealed record Frames(float[] Values, int Width, double RateHz)
{
    /// <summary>Rows.</summary>
    public int Count => Values.Length / Width;

    /// <summary>The mean of all rows, summed in double precision; NaN where there is none.</summary>
    public float[] Mean() => MeanOf(0, Count);

    /// <summary>The largest of each column.</summary>
    /// <exception cref="InvalidOperationException">There is no row.</exception>
    public float[] Max()
    {
        if (Count == 0)
        {
            throw new InvalidOperationException("there is no row to take the largest of");
        }

        float[] largest = Values[..Width];
        for (int row = 1; row < Count; row++)
        {
            for (int channel = 0; channel < Width; channel++)
            {
                largest[channel] = Math.Max(largest[channel], Values[(row * Width) + channel]);
            }
        }

        return largest;
    }

    /// <summary>Means of whole groups of rows, as LLark has them: as many rows as a frame at the wanted rate holds whole; what is left of the end is dropped.</summary>
    /// <param name="framesPerSecond">The wanted rate; the true one is that of the group.</param>
    public Frames Averaged(double framesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(framesPerSecond);
        int group = Math.Max(1, (int)Math.Floor(RateHz / framesPerSecond)), count = Count / group;
        var averaged = new float[count * Width];
        for (int frame = 0; frame < count; frame++)
        {
            MeanOf(frame * group, group).CopyTo(averaged, frame * Width);
        }

        return new Frames(averaged, Width, RateHz / group);
    }

    /// <summary>Means between times, as Sheet Sage has them: row i of the rows from <c>int((t_i − t_0) · rate)</c> to before that of t_(i + 1).</summary>
    /// <param name="times">Ascending times in seconds, at least two; the first row stands at the first of them.</param>
    /// <exception cref="RecordingException">An interval holds no row.</exception>
    public Frames Between(IReadOnlyList<double> times)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(times.Count, 2);
        var means = new float[(times.Count - 1) * Width];
        for (int i = 0; i + 1 < times.Count; i++)
        {
            int first = (int)((times[i] - times[0]) * RateHz), end = Math.Min(Count, (int)((times[i + 1] - times[0]) * RateHz));
            if (first < 0 || end <= first)
            {
                throw new RecordingException(
                    FormattableString.Invariant($"between {times[i]:0.###} and {times[i + 1]:0.###} s there is no frame: frames are {1 / RateHz:0.####} s apart, and there are {Count}; give times that are further apart, and within the recording."));
            }

            MeanOf(first, end - first).CopyTo(means, i * Width);
        }

        return new Frames(means, Width, (times.Count - 1) / (times[^1] - times[0]));
    }

    private float[] MeanOf(int first, int count)
    {
        var sums = new double[Width];
        for (int row = first; row < first + count; row++)
        {
            for (int channel = 0; channel < Width; channel++)
            {
                sums[channel] += Values[(row * Width) + channel];
            }
        }

        return Array.ConvertAll(sums, sum => (float)(sum / count));
    }
}
