using Jukebox.Training;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Training.Runs;

/// <summary>Settings that make no sense are refused before anything is computed.</summary>
public sealed class SettingsCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"name": ""}""", "name must be")]
    [InlineData("""{"name": "a\u0000b"}""", "name must be")]
    [InlineData("""{"optimizer": {"first_decay": 2}}""", "optimizer.first_decay")]
    [InlineData("""{"optimizer": {"average_decay": 1e999}}""", "average_decay")]
    [InlineData("""{"optimizer": {"epsilon": -1}}""", "optimizer.epsilon")]
    [InlineData("""{"optimizer": {"average_interval": 0}}""", "average_interval")]
    [InlineData("""{"optimizer": {"clip_norm": 1e999}}""", "optimizer.clip_norm")]
    [InlineData("""{"rate": {"learning_rate": 1e999}}""", "rate.learning_rate")]
    [InlineData("""{"rate": {"warmup_steps": -4}}""", "rate.warmup_steps")]
    [InlineData("""{"rate": {"decay_steps": 0}}""", "rate.decay_steps")]
    [InlineData("""{"rate": {"gamma": 1e999}}""", "rate.gamma")]
    [InlineData("""{"loss": {"largest_count": 0}}""", "loss.largest_count")]
    [InlineData("""{"loss": {"multispectral": -1}}""", "weights of loss")]
    [InlineData("""{"loss": {"square": 1e999}}""", "weights of loss")]
    [InlineData("""{"windows": {"max_seconds": 0}}""", "windows.max_seconds")]
    [InlineData("""{"windows": {"min_seconds": 1e999}}""", "windows.min_seconds")]
    [InlineData("""{"codebook": {"revival_thresholds": [1, 0, 1]}}""", "codebook.revival_thresholds above 0")]
    [InlineData("""{"vq_vae": {"codebook_size": 65537}}""", "codes are kept in 16 bits, which hold 65536")]
    [InlineData("""{"trained_levels": []}""", "trained_levels is []; it must list some of levels 0 to 2")]
    [InlineData("""{"trained_levels": [1, 0]}""", "trained_levels is [1, 0]; it must list some of levels 0 to 2 in ascending order")]
    [InlineData("""{"trained_levels": [1, 1]}""", "trained_levels is [1, 1]")]
    [InlineData("""{"trained_levels": [3]}""", "trained_levels is [3]")]
    [InlineData("""{"window_samples": 1024}""", "window_samples is 1024; it must be a multiple of 256, the samples of a code of the top level, and more than 1024")]
    [InlineData("""{"window_samples": 16777216, "batch_size": 65536}""", "too much for a step")]
    [InlineData("""{"window_samples": 8192, "batch_size": 4096}""", "too much for a step; the most is 33554431 samples")]
    public void OfAVqVae(string settings, string said) => AssertRefused(settings, "tiny_vqvae", TrainingKind.VqVae, said);

    [Theory]
    [InlineData("""{"initialisation": {"scale": 1e999}}""", "scales of initialisation")]
    [InlineData("""{"initialisation": {"codebook_embedding": -1}}""", "initialisation.codebook_embedding")]
    [InlineData("""{"lyrics_loss_fraction": -1}""", "lyrics_loss_fraction")]
    [InlineData("""{"windows": {"blend": true}}""", "windows.blend is for a VQ-VAE")]
    [InlineData("""{"storage": "I32"}""", "storage is F32, F16 or BF16")]
    public void OfAPrior(string settings, string said) => AssertRefused(settings, "tiny_top", TrainingKind.Prior, said);

    [Fact]
    public void EveryPresetMakesSense() =>
        Assert.All(TrainingPresets.Names, name => SettingsCheck.Require(TrainingPresets.Find(name), TrainingPresets.Find(name).Kind));

    private void AssertRefused(string settings, string preset, TrainingKind kind, string said)
    {
        TrainingSettings read = SettingsFile.Read(_folder.Write("settings.json", settings), preset);
        Assert.Contains(said, Assert.Throws<TrainingException>(() => SettingsCheck.Require(read, kind)).Message, StringComparison.Ordinal);
    }
}
