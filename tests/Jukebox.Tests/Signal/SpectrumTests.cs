using System.Numerics;
using Jukebox.Audio.Spectra;
using Jukebox.Core.Contract;
using Xunit;

namespace Jukebox.Tests.Signal;

/// <summary>Transforms against their definition.</summary>
public sealed class SpectrumTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(256)]
    public void TheTransformIsTheSumThatDefinesIt(int length)
    {
        var random = new TestRandom((ulong)length);
        double[] samples = [.. Enumerable.Range(0, length).Select(_ => (double)random.Signed())];
        var fourier = new RealFourier(length);
        var spectrum = new Complex[fourier.BinCount];
        for (int run = 0; run < 2; run++) // scratch of the first run must not show in the second
        {
            fourier.Transform(samples, spectrum);
            for (int k = 0; k < spectrum.Length; k++)
            {
                Complex expected = DirectSpectrum.Of(samples, k);
                Assert.True(Complex.Abs(expected - spectrum[k]) < 1e-13 * length, $"frequency {k}: {spectrum[k]} instead of {expected}");
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(12)]
    public void OtherLengthsAreRefused(int length) => Assert.Throws<ArgumentException>(() => new RealFourier(length));

    [Theory]
    [InlineData(64, 16, 64, 33)]
    [InlineData(64, 7, 30, 100)]
    [InlineData(32, 5, 17, 51)]
    public void FramesAreCentredAndTheSignalMirrored(int transform, int hop, int window, int length)
    {
        var random = new TestRandom(1);
        float[] samples = [.. Enumerable.Range(0, length).Select(_ => random.Signed())];
        var resolution = new SpectralResolution(transform, hop, window);
        var spectrum = new ShortTimeSpectrum(resolution);
        Assert.True(length >= spectrum.ShortestSignal);
        var magnitudes = new double[spectrum.BinCount];
        for (int frame = 0; frame < resolution.FrameCount(length); frame++)
        {
            spectrum.Magnitudes(samples, frame, magnitudes);
            double[] expected = DirectSpectrum.Magnitudes(samples, resolution, frame);
            Assert.All(magnitudes.Zip(expected), pair => Assert.Equal(pair.Second, pair.First, 1e-11));
        }
    }
}
