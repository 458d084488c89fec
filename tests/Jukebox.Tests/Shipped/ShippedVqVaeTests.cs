using Jukebox.Models;
using Jukebox.Training;
using Xunit;

namespace Jukebox.Tests.Shipped;

/// <summary>The trained VQ-VAE that ships apart from the model, for priors to be trained on.</summary>
public sealed class ShippedVqVaeTests
{
    private const int Samples = 256 * 256; // whole codes at every level

    // What the recording kept when the VQ-VAE came, less half a decibel: SNR by level.
    private static readonly double[] Floors = [18.9, 10.3, 4.1];

    private static string Model => Path.Combine(Repository.Root, "weights", "tiny-vqvae");

    [Fact]
    public void ItIsTheOneThatItDescribes()
    {
        using var folder = ModelFolder.Open(Model);
        folder.Verify();
        Assert.Empty(folder.Description.Priors);
        Assert.Equal("MIT", folder.Description.Licence);
        Assert.StartsWith("trained by", folder.Description.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void ARecordingSurvivesEveryLevelsRoundTrip()
    {
        ReconstructionQuality[] quality = ModelBehaviour.RoundTrip(Model, Samples);
        Assert.All(quality.Zip(Floors), level => Assert.InRange(level.First.SignalToNoiseDecibels, level.Second, double.PositiveInfinity));
    }
}
