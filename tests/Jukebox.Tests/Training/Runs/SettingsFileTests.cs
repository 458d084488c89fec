using Jukebox.Core.Errors;
using Jukebox.Training;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Training.Runs;

/// <summary>Settings as a person writes them.</summary>
public sealed class SettingsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Presets => [.. TrainingPresets.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Presets))]
    public void EveryPresetMakesSenseAndSurvivesItsOwnFile(string name)
    {
        TrainingSettings settings = TrainingPresets.Find(name);
        SettingsCheck.Require(settings, settings.Kind);
        string text = SettingsFile.Write(settings);
        Assert.Equal(text, SettingsFile.Write(Read(text, "small_vqvae")));
    }

    [Fact]
    public void AFileSaysWhatDiffers()
    {
        TrainingSettings settings = Read("""{ /* mine */ "preset": "vqvae", "steps": 5, "vq_vae": { "width": 16, "multipliers": [1, 1, 1] }, }""");
        Assert.Equal((5L, 16, 44100, 64), (settings.Steps, settings.VqVae!.Width, settings.SampleRateHz, settings.VqVae.EmbeddingWidth));
        Assert.Equal([1, 1, 1], settings.VqVae.Multipliers);
    }

    [Theory]
    [InlineData("""{"stepps": 5}""", "there is no setting 'stepps'")]
    [InlineData("""{"vq_vae": {"widht": 5}}""", "there is no setting 'widht'")]
    [InlineData("""{"steps": "many"}""", "it is not valid (")]
    [InlineData("""{"steps": null}""", "it is not valid (")]
    [InlineData("""{"kind": "poem"}""", "it is not valid (")]
    [InlineData("""{"preset": 3}""", "it is not valid (")]
    [InlineData("""[1]""", "it is no object")]
    [InlineData("""{"steps":""", "it is not valid (")]
    [InlineData("""{"steps": 1, "steps": 2}""", "it is not valid (")]
    public void AMistakeIsNamed(string text, string said)
    {
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => Read(text));
        Assert.Contains(said, e.Message, StringComparison.Ordinal);
        Assert.Contains("--print-settings", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownPresetNamesThoseThereAre() => Assert.Contains(
        "There is no preset 'huge'; there are ", Assert.Throws<TrainingException>(() => Read("""{"preset": "huge"}""")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"window_samples": 8191}""", "window_samples is 8191; it must be a multiple of 256")]
    [InlineData("""{"batch_size": 0}""", "batch_size is 0")]
    [InlineData("""{"sample_rate_hz": 1}""", "sample_rate_hz is 1")]
    [InlineData("""{"codebook": {"revival_thresholds": [1]}}""", "codebook.revival_thresholds has 1 numbers for 3 levels")]
    [InlineData("""{"vq_vae": {"strides": [3, 2, 2]}}""", "level 0 of the VQ-VAE has 4 convolutions of stride 3")]
    [InlineData("""{"loss": null}""", "a VQ-VAE needs vq_vae, loss and codebook")]
    [InlineData("""{"kind": "prior"}""", "they train a prior, and a VQ-VAE was asked for")]
    [InlineData("""{"intervals": {"log_every": -1}}""", "the intervals are counts of steps")]
    public void SettingsThatMakeNoSenseAreRefusedByName(string text, string said) => Assert.Contains(
        said, Assert.Throws<TrainingException>(() => SettingsCheck.Require(Read(text), TrainingKind.VqVae)).Message, StringComparison.Ordinal);

    private TrainingSettings Read(string text, string preset = "tiny_vqvae") => SettingsFile.Read(_folder.Write("settings.json", text), preset);
}
