using Jukebox.Recordings;
using Jukebox.Recordings.Embeddings;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>Frames that are made of rows as they come, against what is made of all of them at once.</summary>
public sealed class FrameStreamTests
{
    private const int Width = 3;
    private const double RateHz = 344.53125;
    private static readonly EmbeddingSettings Plain = new() { Preset = "jukemirlib", Layers = [1] };

    /// <summary>Every moment comes once, from the window that gives it the longest past; windows reach to the end.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 7)]
    [InlineData(7, 3)]
    [InlineData(64, 63)]
    [InlineData(64, 1)]
    public void WindowsGiveEveryTokenOnceFromTheEarliest(int window, int hop)
    {
        var windows = new EmbeddingWindows(window, hop);
        foreach (long tokens in (long[])[1, 2, window - 1, window, window + 1, (3 * window) + 2, 200])
        {
            long next = 0;
            EmbeddingWindow[] all = [.. windows.Of(Math.Max(1, tokens))];
            Assert.Equal(windows.CountOf(Math.Max(1, tokens)), all.Length);
            foreach ((int index, EmbeddingWindow each) in all.Index())
            {
                Assert.Equal((long)index * hop, each.Start);
                Assert.Equal(next, each.Start + each.FirstGiven);
                Assert.InRange(each.Count - each.FirstGiven, 1, window);
                next = each.Start + each.Count;
            }

            Assert.Equal(Math.Max(1, tokens), next);
        }

        Assert.Equal(0, windows.CountOf(0));
        Assert.Equal(new EmbeddingWindow(0, window, 0), Assert.Single(new EmbeddingWindows(window, null).Of(1000)));
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(34, 10)]
    [InlineData(67, 10)]
    [InlineData(1000, 10)]
    [InlineData(1000, 1000)]
    [InlineData(97, 172)]
    public void AveragesAreThoseOfWholeGroups(int rows, double fps)
    {
        Frames frames = Some(rows);
        (float[] values, double[] seconds) = Run(Plain with { Fps = fps, Resample = FrameResampling.Average }, frames, null);
        Frames expected = frames.Averaged(fps);
        Assert.Equal(expected.Values, values);
        Assert.All(seconds.Index(), time => Assert.Equal(time.Index / expected.RateHz, time.Item, 9));
    }

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 30)]
    [InlineData(100, 30)]
    [InlineData(100, 1000)]
    [InlineData(100, 344.53125)]
    public void LinesRunBetweenRows(int rows, double fps)
    {
        Frames frames = Some(rows);
        (float[] values, double[] seconds) = Run(Plain with { Fps = fps, Resample = FrameResampling.Linear }, frames, null);
        int count = 1 + (int)Math.Floor((rows - 1) * fps / RateHz);
        Assert.Equal(count * Width, values.Length);
        for (int frame = 0; frame < count; frame++)
        {
            double place = frame * RateHz / fps;
            int before = Math.Min((int)place, rows - 1), after = Math.Min(before + 1, rows - 1);
            Assert.Equal(frame / fps, seconds[frame], 9);
            for (int c = 0; c < Width; c++)
            {
                double expected = frames.Values[(before * Width) + c] + ((place - before) * ((double)frames.Values[(after * Width) + c] - frames.Values[(before * Width) + c]));
                Assert.Equal(expected, values[(frame * Width) + c], 1e-5);
            }
        }
    }

    [Fact]
    public void RowsBetweenTimesAreThoseOfAllAtOnce()
    {
        var random = new TestRandom(5);
        for (int trial = 0; trial < 20; trial++)
        {
            Frames frames = Some(50 + random.Next(400));
            double[] times = [.. Enumerable.Range(0, 3 + random.Next(8)).Select(i => i * (0.01 + (random.Next(100) / 1000.0))).Where(time => time < frames.Count / RateHz).Order().Distinct()];
            if (times.Length < 2)
            {
                continue;
            }

            float[] expected = frames.Between(times).Values;
            Assert.Equal(expected, Run(Plain with { BetweenTimes = true }, frames, times).Values);
            Assert.Equal(new Frames(expected, Width, 1).Mean(), Run(Plain with { BetweenTimes = true, Pool = Pooling.Mean }, frames, times).Values);
        }

        Frames few = Some(20);
        Assert.Contains("s there is no frame", Assert.Throws<RecordingException>(() => Run(Plain with { BetweenTimes = true }, few, [0, 0.018, 0.0186, 0.05])).Message, StringComparison.Ordinal);
        Assert.Contains("there are 20", Assert.Throws<RecordingException>(() => Run(Plain with { BetweenTimes = true }, few, [0, 0.02, 1, 2])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WindowsAreResampledAndPooledEachByItself()
    {
        Frames first = Some(100), second = Some(41);
        EmbeddingSettings settings = Plain with { HopSeconds = 0, Fps = 30 };
        (float[] values, double[] seconds) = Run(settings, [first, second]);
        Frames a = FourierResampling.Resample(first, 30), b = FourierResampling.Resample(second, 30);
        Assert.Equal([.. a.Values, .. b.Values], values);
        Assert.Equal(100 / RateHz, seconds[a.Count], 9);
        Assert.Equal([.. first.Mean(), .. second.Mean()], Run(Plain with { HopSeconds = 0, Pool = Pooling.Mean }, [first, second]).Values);
        Assert.Equal([.. first.Max(), .. second.Max()], Run(Plain with { HopSeconds = 0, Pool = Pooling.Max }, [first, second]).Values);
        var both = new Frames([.. first.Values, .. second.Values], Width, RateHz);
        Assert.Equal(both.Mean(), Run(Plain with { HopSeconds = 0, Pool = Pooling.Mean, PoolOver = EmbeddingScope.File }, [first, second]).Values);
        Assert.Equal(both.Averaged(10).Values, Run(Plain with { HopSeconds = 0, Fps = 10, Resample = FrameResampling.Average }, [first, second]).Values);
        Assert.Equal(
            [.. first.Averaged(10).Values, .. second.Averaged(10).Values],
            Run(Plain with { HopSeconds = 0, Fps = 10, Resample = FrameResampling.Average, Keep = KeptWindows.Windows }, [first, second]).Values);
    }

    private static Frames Some(int rows) => new(new TestRandom((ulong)rows).Floats(rows * Width, 2f), Width, RateHz);

    private static (float[] Values, double[] Seconds) Run(EmbeddingSettings settings, Frames frames, double[]? times) => Run(settings, [frames], times);

    private static (float[] Values, double[] Seconds) Run(EmbeddingSettings settings, Frames[] windows, double[]? times = null)
    {
        var values = new List<float>();
        var seconds = new List<double>();
        var stream = new FrameStream(settings, Width, RateHz, times, (time, row) =>
        {
            seconds.Add(time);
            values.AddRange(row);
        });
        int start = 0;
        foreach (Frames window in windows)
        {
            stream.Begin(start / RateHz);
            for (int row = 0; row < window.Count; row++)
            {
                stream.Add(window.Values.AsSpan(row * Width, Width));
            }

            stream.End();
            start += window.Count;
        }

        stream.Complete();
        return ([.. values], [.. seconds]);
    }
}
