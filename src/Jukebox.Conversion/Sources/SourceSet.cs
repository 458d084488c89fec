using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Conversion.Sources;

/// <summary>Everything that was found to convert: open files, the parts in them, and what lies beside them.</summary>
public sealed class SourceSet : IDisposable
{
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

    /// <summary>Opens a checkpoint file, or returns it if it is open already.</summary>
    /// <exception cref="Core.DamagedFileException">The content is not a sound checkpoint.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public Checkpoint Open(string path)
    {
        string key = Path.GetFullPath(path);
        if (!_checkpoints.TryGetValue(key, out Checkpoint? checkpoint))
        {
            checkpoint = Checkpoint.Open(path);
            _checkpoints.Add(key, checkpoint);
        }

        return checkpoint;
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
