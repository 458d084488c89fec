using Jukebox.MusicReport;
using Jukebox.MusicReport.Audio;
using Jukebox.MusicReport.Features;
using Xunit;

namespace Jukebox.Tests.Music;

/// <summary>What is measured of sounds whose properties are known.</summary>
public sealed class FeatureTests
{
    private readonly ExcerptAnalyzer _analyzer = new();

    [Theory]
    [InlineData(45, 0, 1)]
    [InlineData(57, 15, 1)]
    [InlineData(69, -15, 1)]
    [InlineData(84, 0, 1)]
    [InlineData(50, 25, 0)]
    [InlineData(69, -25, 0)]
    [InlineData(81, 50, 0)]
    public void AToneIsInTuneWithinTwentyCents(double note, double cents, double share)
    {
        PitchFeatures pitch = _analyzer.Analyze(Tones.Sine(Tones.Hertz(note, cents))).Pitch;
        Assert.Equal(share, pitch.InTuneShare, 0.01);
        Assert.InRange(pitch.TonalShare, 0.95, 1);
    }

    [Fact]
    public void NoiseIsInTuneByChanceAndHardlyTonal()
    {
        PitchFeatures pitch = _analyzer.Analyze(Tones.Noise(1, 20, 0.3f)).Pitch;
        Assert.InRange(pitch.InTuneShare, 0.25, 0.55);
        Assert.InRange(pitch.TonalShare, 0, 0.05);
    }

    [Fact]
    public void EnergyOfSeveralTonesIsWeighted()
    {
        float[] right = Tones.Sine(440), wrong = Tones.Sine(Tones.Hertz(76, 50));
        float[] both = [.. right.Zip(wrong, (a, b) => a + (b / 2))];
        Assert.Equal(0.8, _analyzer.Analyze(both).Pitch.InTuneShare, 0.01); // energies 4 to 1
    }

    [Fact]
    public void LoudnessChangesNeitherTimbreNorPitch()
    {
        float[] melody = Tones.Melody(1, 4, plucked: true), quiet = [.. melody.Select(sample => sample / 4)];
        ExcerptFeatures a = _analyzer.Analyze(melody), b = _analyzer.Analyze(quiet);
        Assert.Equal(TimbreFeatures.Count, a.Timbre.Length);
        Assert.Equal(PitchFeatures.ClassStatisticsCount, a.Pitch.Classes.Length);
        Assert.All(a.Row.Zip(b.Row), pair => Assert.Equal(pair.First, pair.Second, 1e-4));
    }

    [Fact]
    public void SilenceIsMeasuredWithoutNumbersThatAreNone()
    {
        ExcerptFeatures silence = _analyzer.Analyze(new float[44100]);
        Assert.Equal(1, silence.Level.SilentShare);
        Assert.All(silence.Row, value => Assert.True(double.IsFinite(value)));
    }

    [Theory]
    [InlineData("sine", "drone")]
    [InlineData("silence", "silence")]
    [InlineData("half silent", "silence")]
    [InlineData("clipped", "clipping")]
    [InlineData("melody", null)]
    [InlineData("noise", null)]
    public void FaultsAreFoundWhereTheyAreAndNowhereElse(string sound, string? fault)
    {
        float[] melody = Tones.Melody(1, 4, plucked: false);
        float[] audio = sound switch
        {
            "sine" => Tones.Sine(220, 4),
            "silence" => new float[88200],
            "half silent" => [.. melody, .. new float[melody.Length]],
            "clipped" => [.. melody.Select(sample => Math.Clamp(sample * 20, -1, 1))],
            "noise" => Tones.Noise(1, 4, 0.3f),
            _ => melody,
        };
        IReadOnlyList<SampleFault> faults = SampleChecks.Find([new AnalyzedExcerpt("it", null, _analyzer.Analyze(audio))]);
        Assert.Equal(fault is null ? [] : [fault], faults.Select(found => found.Fault));
    }

    [Fact]
    public void ADegradedCopyHasItsSignalToNoiseRatio()
    {
        float[] sine = Tones.Sine(500, 4), copy = new Degradation(6000, 13, Tones.RateHz).Apply(sine);

        // The low-pass turns the phase: fit the sine, and what is left is the noise.
        double inPhase = 0, quadrature = 0, power = 0, skip = 2000;
        for (int i = (int)skip; i < copy.Length; i++)
        {
            (double s, double c) = Math.SinCos(2 * Math.PI * 500 * i / Tones.RateHz);
            inPhase += 2 * s * copy[i] / (copy.Length - skip);
            quadrature += 2 * c * copy[i] / (copy.Length - skip);
            power += copy[i] * copy[i] / (copy.Length - skip);
        }

        double signal = ((inPhase * inPhase) + (quadrature * quadrature)) / 2;
        Assert.Equal(13, 10 * Math.Log10(signal / (power - signal)), 0.3);
    }

    [Fact]
    public void AudioIsCutIntoWholeExcerptsEvenlySpread()
    {
        float[] ramp = [.. Enumerable.Range(0, 105).Select(i => (float)i)];
        Assert.Equal([0f, 10, 20, 30, 40, 50, 60, 70, 80, 90], Excerpt.Cut(ramp, 10, int.MaxValue).Select(excerpt => excerpt[0]));
        Assert.Equal([0f, 20, 50, 70], Excerpt.Cut(ramp, 10, 4).Select(excerpt => excerpt[0]));
        Assert.Equal(105, Assert.Single(Excerpt.Cut(ramp, 200, 4)).Length);
    }
}
