using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Sources;

/// <summary>Everything that was found to convert: open files, the parts in them, and what lies beside them.</summary>
public sealed class SourceSet : IDisposable
{
    private const string Remedy = "copy or download it again, or convert the checkpoint again";
    private readonly Dictionary<string, Checkpoint> _checkpoints = new(StringComparer.Ordinal);

    /// <summary>The VQ-VAE and the priors.</summary>
    public List<ModelPart> Parts { get; } = [];

    /// <summary>What the user should know about the sources.</summary>
    public List<string> Notes { get; } = [];

    /// <summary>The files that are open, for their digests.</summary>
    public IEnumerable<Checkpoint> Checkpoints => _checkpoints.Values;

    /// <summary>The description of our own model folder, if that is the source.</summary>
    public ModelDescription? Description { get; set; }

    /// <summary>The folder among the sources that may hold label tables.</summary>
    public string? LabelFolder { get; set; }

    /// <summary>Window hop over context length by level, if the source says.</summary>
    public double[]? HopFractions { get; set; }

    /// <summary>Digests that something else than the file itself states, by the file's full path, with what states them.</summary>
    public Dictionary<string, (FileDigest Digest, string StatedBy)> StatedDigests { get; } = new(StringComparer.Ordinal);

    /// <summary>Opens a checkpoint file, or returns it if it is open already.</summary>
    /// <exception cref="DamagedFileException">The content is not a sound checkpoint.</exception>
    /// <exception cref="ConversionException">It cannot be opened.</exception>
    public Checkpoint Open(string path)
    {
        string key = Path.GetFullPath(path);
        if (!_checkpoints.TryGetValue(key, out Checkpoint? checkpoint))
        {
            checkpoint = Checkpoint.Open(path);
            _checkpoints.Add(key, checkpoint);
            if (HuggingFaceCache.DigestOf(path) is { } sha256)
            {
                StatedDigests.TryAdd(key, (new FileDigest(-1, sha256), "the name of its blob in the cache"));
            }
        }

        return checkpoint;
    }

    /// <summary>Forgets a file.</summary>
    public void Close(string path)
    {
        if (_checkpoints.Remove(Path.GetFullPath(path), out Checkpoint? checkpoint))
        {
            checkpoint.Dispose();
        }
    }

    /// <summary>Refuses a file that is not the one whose digest is stated.</summary>
    /// <exception cref="DamagedFileException">Length or digest differ.</exception>
    public void RequireStated(string path, FileDigest actual)
    {
        if (!StatedDigests.TryGetValue(Path.GetFullPath(path), out (FileDigest Digest, string StatedBy) stated))
        {
            return;
        }

        if (stated.Digest.LengthBytes >= 0 && stated.Digest.LengthBytes != actual.LengthBytes)
        {
            throw new DamagedFileException(path, -1, $"it has {actual.LengthBytes} bytes where {stated.StatedBy} states {stated.Digest.LengthBytes}", Remedy);
        }

        if (!string.Equals(stated.Digest.Sha256, actual.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new DamagedFileException(
                path,
                -1,
                $"its SHA-256 is {actual.Sha256} where {stated.StatedBy} states {Text.Quote(stated.Digest.Sha256)}: it is damaged or another file",
                Remedy);
        }
    }

    /// <summary>Closes every file.</summary>
    public void Dispose()
    {
        foreach (Checkpoint checkpoint in _checkpoints.Values)
        {
            checkpoint.Dispose();
        }
    }
}
