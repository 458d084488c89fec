using System.Security.Cryptography;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Models.Format;

/// <summary>
/// An opened model folder: its description, and its weight files, each mapped when it is first asked for and checked
/// against the table of tensors. Dispose it after everything that was loaded from it.
/// </summary>
public sealed class ModelFolder : IDisposable
{
    private const string Remedy = "convert the checkpoint again with jukebox-convert";

    private readonly Dictionary<string, WeightFile> _files = [];

    private ModelFolder(string path, ModelDescription description)
    {
        Path = path;
        Description = description;
    }

    /// <summary>Path as it was given.</summary>
    public string Path { get; }

    /// <summary>Everything about the model that is not a weight.</summary>
    public ModelDescription Description { get; }

    /// <summary>What tells this model from others: <see cref="ModelDescription.Fingerprint"/>.</summary>
    public string Fingerprint => Description.Fingerprint();

    /// <summary>Reads the description; weights are mapped later.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="DamagedFileException">It is not a model folder, or its description is not valid.</exception>
    public static ModelFolder Open(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"there is no model folder '{path}'; make one with jukebox-convert.");
        }

        if (!File.Exists(System.IO.Path.Combine(path, ModelDescription.FileName)))
        {
            throw new DamagedFileException(path, -1, $"it holds no {ModelDescription.FileName}, so it is not a model folder", "make one with jukebox-convert");
        }

        return new ModelFolder(path, ModelDescription.Read(path));
    }

    /// <summary>The hyperparameters of a level's prior.</summary>
    /// <exception cref="ArgumentException">The model has no prior for that level.</exception>
    public PriorSpec PriorOf(int level) => Description.PriorOf(level) ?? throw new ArgumentException(
        $"the model '{Description.Name}' has no prior for level {level}, only for: {string.Join(", ", Description.Priors.Select(prior => prior.Level).Order())}");

    /// <summary>Maps the VQ-VAE's weights and checks that every tensor is there in its shape.</summary>
    /// <exception cref="DamagedFileException">The file is missing, damaged, or lacks a tensor.</exception>
    public WeightFile OpenVqVae() => Weights(ModelDescription.VqVaeFileName, () => TensorTable.Of(Description.VqVae));

    /// <summary>Maps a prior's weights and checks that every tensor is there in its shape.</summary>
    /// <exception cref="ArgumentException">The model has no prior for that level.</exception>
    /// <exception cref="DamagedFileException">The file is missing, damaged, or lacks a tensor.</exception>
    public WeightFile OpenPrior(int level)
    {
        PriorSpec spec = PriorOf(level);
        return Weights(ModelDescription.PriorFileName(level), () => TensorTable.Of(spec, Description.VqVae));
    }

    /// <summary>Reads every file that the description lists and compares its length and SHA-256.</summary>
    /// <exception cref="DamagedFileException">A file is missing or not the one that was written.</exception>
    public void Verify()
    {
        foreach ((string name, FileDigest expected) in Description.Files)
        {
            string path = FilePath(name);
            CheckLength(path, expected);
            using FileStream stream = File.OpenRead(path);
            string actual = Convert.ToHexStringLower(SHA256.HashData(stream));
            if (!actual.Equals(expected.Sha256, StringComparison.OrdinalIgnoreCase))
            {
                throw new DamagedFileException(path, -1, $"its SHA-256 is {actual}, {ModelDescription.FileName} says {expected.Sha256}", Remedy);
            }
        }
    }

    /// <summary>Unmaps every file.</summary>
    public void Dispose()
    {
        foreach (WeightFile file in _files.Values)
        {
            file.Dispose();
        }

        _files.Clear();
    }

    private static void CheckLength(string path, FileDigest expected)
    {
        if (!File.Exists(path))
        {
            throw new DamagedFileException(path, -1, "the file is missing", Remedy);
        }

        long lengthBytes = new FileInfo(path).Length;
        if (lengthBytes != expected.LengthBytes)
        {
            throw new DamagedFileException(
                path, Math.Min(lengthBytes, expected.LengthBytes), $"it has {lengthBytes} bytes, {ModelDescription.FileName} says {expected.LengthBytes}; it is truncated or not the one that was written", Remedy);
        }
    }

    private WeightFile Weights(string name, Func<IReadOnlyList<TensorEntry>> table)
    {
        if (_files.TryGetValue(name, out WeightFile? opened))
        {
            return opened;
        }

        string path = FilePath(name);
        if (!File.Exists(path))
        {
            throw new DamagedFileException(path, -1, "the file is missing", Remedy);
        }

        if (Description.Files.TryGetValue(name, out FileDigest? digest))
        {
            CheckLength(path, digest);
        }

        WeightFile file = WeightFile.Open(path);
        try
        {
            WeightCheck.Require(file, table());
        }
        catch
        {
            file.Dispose();
            throw;
        }

        _files.Add(name, file);
        return file;
    }

    private string FilePath(string name) => System.IO.Path.Combine(Path, name);
}
