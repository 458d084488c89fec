using Jukebox.Recordings.Embeddings;

namespace Jukebox.Tests.Embeddings;

/// <summary>What is made of rows, of all of them at once and in double precision: what <see cref="FrameStream"/> makes of them as they come.</summary>
internal static class ReferenceFrames
{
    /// <summary>The mean of all rows.</summary>
    public static float[] Mean(this Frames frames) => frames.MeanOf(0, frames.Count);

    /// <summary>The largest of each column.</summary>
    public static float[] Max(this Frames frames) =>
        [.. Enumerable.Range(0, frames.Width).Select(channel => Enumerable.Range(0, frames.Count).Max(row => frames.Values[(row * frames.Width) + channel]))];

    /// <summary>Means of whole groups of rows, as LLark has them: as many rows as a frame at the wanted rate holds whole; what is left of the end is dropped.</summary>
    public static Frames Averaged(this Frames frames, double framesPerSecond)
    {
        int group = Math.Max(1, (int)Math.Floor(frames.RateHz / framesPerSecond));
        return new Frames([.. Enumerable.Range(0, frames.Count / group).SelectMany(frame => frames.MeanOf(frame * group, group))], frames.Width, frames.RateHz / group);
    }

    /// <summary>Means between times, as Sheet Sage has them: row i of the rows from <c>int((t_i − t_0) · rate)</c> to before that of t_(i + 1).</summary>
    public static Frames Between(this Frames frames, IReadOnlyList<double> times)
    {
        int Row(int time) => Math.Min(frames.Count, (int)((times[time] - times[0]) * frames.RateHz));
        return new Frames(
            [.. Enumerable.Range(0, times.Count - 1).SelectMany(i => frames.MeanOf(Row(i), Row(i + 1) - Row(i)))], frames.Width, (times.Count - 1) / (times[^1] - times[0]));
    }

    private static float[] MeanOf(this Frames frames, int first, int count)
    {
        var sums = new double[frames.Width];
        for (int row = first; row < first + count; row++)
        {
            for (int channel = 0; channel < frames.Width; channel++)
            {
                sums[channel] += frames.Values[(row * frames.Width) + channel];
            }
        }

        return Array.ConvertAll(sums, sum => (float)(sum / count));
    }
}
