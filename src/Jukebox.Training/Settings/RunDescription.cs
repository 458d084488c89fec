using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;
using Jukebox.Recordings.Codes;
using Jukebox.Recordings.Windows;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Settings;

/// <summary>What a run is: written when it begins, read when it goes on, and written again when it goes on with other settings.</summary>
public sealed record RunDescription
{
    private const string Remedy = "put the original back, or begin the run again with --force";

    /// <summary>Settings with every default filled in.</summary>
    public required TrainingSettings Settings { get; set; }

    /// <summary>The folder of audio.</summary>
    public required string Data { get; set; }

    /// <summary>Where decoded audio and codes are kept.</summary>
    public required string Cache { get; set; }

    /// <summary>The model whose VQ-VAE a prior is trained on.</summary>
    public string? VqVaeModel { get; set; }

    /// <summary>The model whose weights the run began with, or none.</summary>
    public string? FromModel { get; set; }

    /// <summary>What tells that model from others; none in runs of version 0.1.</summary>
    public string? FromIdentity { get; set; }

    /// <summary>What that model said of its origin, where its VQ-VAE is trained further.</summary>
    public string? FromOrigin { get; set; }

    /// <summary>Its licence, likewise.</summary>
    public string? FromLicence { get; set; }

    /// <summary>What decided how sums were rounded when the run began: see <see cref="IBackend.Arithmetic"/>.</summary>
    public string? Device { get; set; }

    /// <summary>What tells the recordings from others: see <see cref="AudioSet.FingerprintOf"/>.</summary>
    public required string DataFingerprint { get; set; }

    /// <summary>What tells the codes that a prior is trained on from others: those of its level, then of the level above where it reads that.</summary>
    public string[]? CodeHashes { get; set; }

    /// <summary>What a VQ-VAE's losses are divided by, measured on the data.</summary>
    public Bandwidths? Bandwidths { get; set; }

    /// <summary>Digests of the files that were written with it, by path within the folder; none in runs of version 0.1.</summary>
    public SortedDictionary<string, FileDigest>? Files { get; set; }

    /// <summary>Reads the description of a run.</summary>
    /// <exception cref="DamagedFileException">It is not valid, or not what was written.</exception>
    public static RunDescription Read(string path)
    {
        byte[] json = SealedJson.Read(path, Remedy);
        try
        {
            RunDescription run = JsonSerializer.Deserialize(json, TrainingJson.Default.RunDescription) ?? throw new JsonException("it is null");
            bool isWhole = run.Settings.Kind == TrainingKind.VqVae ? run.Bandwidths is not null : run is { VqVaeModel: not null, CodeHashes: { } hashes, Settings.Prior: { } prior } && hashes.Length == CodeIdentity.LevelsOf(prior).Length;
            return isWhole ? run : throw new JsonException("it lacks what runs of its kind have");
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, e.BytePositionInLine ?? -1, $"it is not valid ({JsonMistake.Of(e)})", Remedy, e);
        }
    }

    /// <summary>As <see cref="Read"/> takes it.</summary>
    public byte[] ToJson() => SealedJson.Seal(JsonSerializer.SerializeToUtf8Bytes(this, TrainingJson.Default.RunDescription));
}
