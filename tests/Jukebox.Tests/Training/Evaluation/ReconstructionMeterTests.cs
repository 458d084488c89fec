using Jukebox.Core.Contract;
using Jukebox.Recordings.Evaluation;
using Jukebox.Tests.Signal;
using Xunit;

namespace Jukebox.Tests.Training.Evaluation;

/// <summary>Figures of reconstructions against their definitions.</summary>
public sealed class ReconstructionMeterTests
{
    [Fact]
    public void ConvergenceIsTheMeanOverThreeResolutionsOfRelativeNorms()
    {
        float[] audio = Noise(1, ReconstructionMeter.ShortestSignal + 6), reconstruction = Mixed(audio, Noise(2, audio.Length), 0.3f);
        var meter = new ReconstructionMeter();
        meter.Add(audio, reconstruction);
        double expected = SpectralResolution.Multispectral.Average(resolution => Math.Sqrt(Sums(audio, reconstruction, resolution).Distance / Sums(audio, reconstruction, resolution).Energy));
        Assert.Equal(expected, meter.Quality.SpectralConvergence!.Value, 1e-9);
    }

    [Fact]
    public void NoiseAddedAtThirteenDecibelsIsMeasuredAsThat()
    {
        float[] audio = Noise(1, 20_000), noise = Noise(2, audio.Length);
        double power = audio.Sum(x => (double)x * x), noisePower = noise.Sum(x => (double)x * x);
        var meter = new ReconstructionMeter();
        meter.Add(audio, Mixed(audio, noise, (float)Math.Sqrt(power / noisePower / Math.Pow(10, 1.3))));
        Assert.Equal(13, meter.Quality.SignalToNoiseDecibels!.Value, 1e-4);
    }

    [Theory]
    [InlineData(150_000, 3072)]
    [InlineData(70_000, 69_999)]
    [InlineData(1025, 100)]
    public void BlocksGiveTheSameBitsAsTheWhole(int length, int blockLength)
    {
        float[] audio = Noise(1, length), reconstruction = Mixed(audio, Noise(2, length), 0.3f);
        ReconstructionMeter whole = new(), blocks = new();
        whole.Add(audio, reconstruction);
        blocks.Begin(length);
        for (int first = 0; first < length; first += blockLength)
        {
            int count = Math.Min(blockLength, length - first);
            blocks.AddNext(audio.AsSpan(first, count), reconstruction.AsSpan(first, count));
        }

        Assert.Equal(whole.Quality, blocks.Quality);
    }

    [Fact]
    public void SumsRunOverEverythingThatWasAdded()
    {
        float[] loud = Noise(1, 3000), quiet = [.. Noise(2, 5000).Select(x => x / 100)];
        ReconstructionMeter first = new(), second = new(), both = new();
        first.Add(loud, Mixed(loud, Noise(3, 3000), 0.1f));
        second.Add(quiet, Mixed(quiet, Noise(4, 5000), 0.1f));
        both.Add(loud, Mixed(loud, Noise(3, 3000), 0.1f));
        both.Add(quiet, Mixed(quiet, Noise(4, 5000), 0.1f));
        first.Add(second);
        Assert.Equal(both.Quality.SignalToNoiseDecibels!.Value, first.Quality.SignalToNoiseDecibels!.Value, 1e-9);
        Assert.Equal(both.Quality.SpectralConvergence!.Value, first.Quality.SpectralConvergence!.Value, 1e-9);
        Assert.True(first.Quality.SignalToNoiseDecibels > second.Quality.SignalToNoiseDecibels + 10);
    }

    [Fact]
    public void OfSilenceThereIsNothingToKeep()
    {
        var meter = new ReconstructionMeter();
        meter.Add(new float[2000], Noise(1, 2000));
        Assert.Equal(((double?)null, (double?)null), (meter.Quality.SignalToNoiseDecibels, meter.Quality.SpectralConvergence));
    }

    [Fact]
    public void SilenceInPlaceOfAudioConvergesToOneAndPerfectionToZero()
    {
        float[] audio = Noise(1, 2000);
        ReconstructionMeter silence = new(), perfect = new();
        silence.Add(audio, new float[2000]);
        perfect.Add(audio, audio);
        Assert.Equal(((double?)0, (double?)1), (silence.Quality.SignalToNoiseDecibels, silence.Quality.SpectralConvergence));
        Assert.Equal(0.0, perfect.Quality.SpectralConvergence);
        Assert.InRange(perfect.Quality.SignalToNoiseDecibels!.Value, 100, double.MaxValue);
    }

    [Fact]
    public void AudioThatIsTooShortOrOfAnotherLengthIsRefused()
    {
        Assert.Throws<ArgumentException>(() => new ReconstructionMeter().Add(new float[1024], new float[1024]));
        Assert.Throws<ArgumentException>(() => new ReconstructionMeter().Add(new float[2000], new float[2001]));
    }

    private static (double Distance, double Energy) Sums(float[] audio, float[] reconstruction, SpectralResolution resolution)
    {
        double distance = 0, energy = 0;
        for (int frame = 0; frame < resolution.FrameCount(audio.Length); frame++)
        {
            foreach ((double x, double y) in DirectSpectrum.Magnitudes(audio, resolution, frame).Zip(DirectSpectrum.Magnitudes(reconstruction, resolution, frame)))
            {
                distance += (x - y) * (x - y);
                energy += x * x;
            }
        }

        return (distance, energy);
    }

    private static float[] Noise(ulong seed, int count)
    {
        var random = new TestRandom(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Signed())];
    }

    private static float[] Mixed(float[] audio, float[] noise, float share) => [.. audio.Zip(noise, (x, n) => x + (share * n))];
}
