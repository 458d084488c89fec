using Jukebox.Audio.Resampling;
using Xunit;

namespace Jukebox.Tests.Audio;

public sealed class ResamplerTests
{
    private static readonly (int Input, int Output)[] AudioRates =
        [(48000, 44100), (96000, 44100), (44100, 22050), (22050, 44100), (192000, 44100), (44100, 48000), (8000, 44100)];

    public static TheoryData<int, int> Rates
    {
        get
        {
            var rows = new TheoryData<int, int>();
            foreach ((int input, int output) in AudioRates)
            {
                rows.Add(input, output);
            }

            // Without a common divisor the filter is interpolated.
            rows.Add(47999, 44100);
            rows.Add(44100, 32003);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void TonesInThePassBandKeepLevelAndPhase(int inputRate, int outputRate)
    {
        double nyquist = Math.Min(inputRate, outputRate) / 2.0;
        foreach (double fraction in (ReadOnlySpan<double>)[0.001, 0.1, 0.37, 0.5, 0.71, 0.85, 0.9, 0.92])
        {
            double error = WorstError(inputRate, outputRate, fraction * nyquist, passes: true);
            Assert.True(error < Tolerances.ResamplerPassBand, $"{fraction} of Nyquist: {20 * Math.Log10(error):F1} dB");
        }
    }

    [Theory]
    [MemberData(nameof(Rates))]
    public void TonesBeyondTheLowerNyquistFrequencyVanish(int inputRate, int outputRate)
    {
        // Down: what would fold into the output. Up: the images are the error of the pass-band test above.
        double lower = Math.Min(inputRate, outputRate) / 2.0;
        for (double frequency = lower * 1.0005; frequency < inputRate / 2.0; frequency += Math.Max(inputRate / 2.0 - lower, 1) / 11)
        {
            double error = WorstError(inputRate, outputRate, frequency, passes: false);
            Assert.True(error < Tolerances.ResamplerStopBand, $"{frequency} Hz: {20 * Math.Log10(error):F1} dB");
        }
    }

    [Fact]
    public void ASweepFromTheLowerNyquistFrequencyUpVanishes()
    {
        const int Length = 96_000;
        var sweep = new float[Length];
        for (int i = 0; i < Length; i++)
        {
            double t = i / 96000.0;
            double fade = Math.Min(1, Math.Min(i, Length - 1 - i) / 4800.0);
            sweep[i] = (float)(0.5 * (1 - Math.Cos(Math.PI * fade)) * Math.Sin(2 * Math.PI * ((22_700 * t) + (12_500 * t * t))));
        }

        double worst = Resampler.Resample(sweep, 96000, 44100).Max(sample => Math.Abs((double)sample));
        Assert.True(worst < Tolerances.ResamplerStopBand, $"{20 * Math.Log10(worst):F1} dB");
    }

    [Theory]
    [InlineData(48000, 44100)]
    [InlineData(44100, 96000)]
    [InlineData(44100, 44100)]
    [InlineData(47999, 44100)]
    [InlineData(1000, 384000)]
    [InlineData(384000, 1000)]
    public void BlocksOfAnySizeGiveTheSameBits(int inputRate, int outputRate)
    {
        float[] input = new TestRandom(7).Floats(Math.Min(inputRate / 10, 5000));
        float[] whole = Resampler.Resample(input, inputRate, outputRate);
        var random = new TestRandom(8);
        for (int round = 0; round < 4; round++)
        {
            int largest = (int)Math.Pow(10, round) + 1;
            Assert.True(whole.AsSpan().SequenceEqual(InBlocks(input, inputRate, outputRate, () => 1 + random.Next(largest))), $"blocks up to {largest}");
        }
    }

    [Theory]
    [InlineData(48000, 44100, 480, 441)]
    [InlineData(48000, 44100, 481, 442)]
    [InlineData(44100, 22050, 3, 2)]
    [InlineData(22050, 44100, 3, 6)]
    [InlineData(44100, 44100, 77, 77)]
    [InlineData(48000, 44100, 0, 0)]
    [InlineData(384000, 1000, 1, 1)]
    public void TheLengthIsRoundedUp(int inputRate, int outputRate, int inputLength, int outputLength)
    {
        Assert.Equal(outputLength, Resampler.Resample(new float[inputLength], inputRate, outputRate).Length);
        Assert.Equal(outputLength, new Resampler(inputRate, outputRate).OutputCount(inputLength));
    }

    [Fact]
    public void EqualRatesChangeNothing()
    {
        float[] input = new TestRandom(9).Floats(1000);
        Assert.Equal(input, Resampler.Resample(input, 44100, 44100));
    }

    [Theory]
    [InlineData(999)]
    [InlineData(384_001)]
    [InlineData(0)]
    public void RatesOutsideTheRangeAreRefused(int rate)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Resampler(rate, 44100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Resampler(44100, rate));
    }

    /// <summary>Largest deviation of a resampled tone of amplitude 1 from the same tone at the other rate, or from silence.</summary>
    private static double WorstError(int inputRate, int outputRate, double frequency, bool passes)
    {
        int length = inputRate / 10;
        var input = new float[length];
        for (int i = 0; i < length; i++)
        {
            input[i] = (float)Math.Cos(2 * Math.PI * frequency * i / inputRate);
        }

        float[] output = Resampler.Resample(input, inputRate, outputRate);

        // The ends meet silence, which is not the tone.
        int edge = new Resampler(inputRate, outputRate).ReachFrames * outputRate / inputRate;
        double worst = 0;
        for (int i = edge + 1; i < output.Length - edge - 1; i++)
        {
            double expected = passes ? Math.Cos(2 * Math.PI * frequency * i / outputRate) : 0;
            worst = Math.Max(worst, Math.Abs(output[i] - expected));
        }

        return worst;
    }

    private static float[] InBlocks(float[] input, int inputRate, int outputRate, Func<int> nextSize)
    {
        var resampler = new Resampler(inputRate, outputRate);
        var output = new List<float>();
        var block = new float[4096];
        for (int start = 0; start < input.Length;)
        {
            int count = Math.Min(nextSize(), input.Length - start);
            resampler.Write(input.AsSpan(start, count));
            start += count;
            Drain();
        }

        resampler.Complete();
        Drain();
        return [.. output];

        void Drain()
        {
            for (int count; (count = resampler.Read(block.AsSpan(0, Math.Min(block.Length, nextSize())))) > 0;)
            {
                output.AddRange(block.AsSpan(0, count));
            }
        }
    }
}
