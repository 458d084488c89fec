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

    /// <summary>
    /// Weight files up to here are held against their digests whenever they are loaded: at about a gigabyte a second that costs less than the
    /// model's first token. Larger ones are when they are made, and when <see cref="Verify"/> is asked for.
    /// </summary>
    public const long AlwaysVerifiedBytes = 1L << 30;

    private readonly Dictionary<string, WeightFile> _files = [];
    private readonly HashSet<string> _checked = [];

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
    /// <exception cref="DamagedFileException">It is not a model folder, its description is not valid, or a table of labels is missing or not the one that was written.</exception>
    public static ModelFolder Open(string path) => Open(path, tables: true);

    /// <summary>The same; whether tables of labels are held against their digests at once can be said.</summary>
    public static ModelFolder Open(string path, bool tables)
    {
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"there is no model folder '{path}'; make one with jukebox-convert.");
        }

        if (!RegularFile.Exists(System.IO.Path.Combine(path, ModelDescription.FileName)))
        {
            throw new DamagedFileException(path, -1, $"it holds no {ModelDescription.FileName}, so it is not a model folder", "make one with jukebox-convert");
        }

        var folder = new ModelFolder(path, ModelDescription.Read(path));
        foreach ((string name, FileDigest digest) in folder.Description.Files.Where(file => tables && !IsWeights(file.Key)))
        {
            CheckDigest(folder.FilePath(name), digest);
        }

        return folder;
    }

    /// <summary>The hyperparameters of a level's prior.</summary>
    /// <exception cref="DamagedFileException">The model has no prior for that level.</exception>
    public PriorSpec PriorOf(int level) => Description.PriorOf(level) ?? throw new DamagedFileException(
        FilePath(ModelDescription.FileName), -1,
        $"the model '{Description.Name}' has no prior for level {level}{(Description.Priors.Length == 0 ? "" : $", only for: {string.Join(", ", Description.Priors.Select(prior => prior.Level).Order())}")}",
        "ask for a level that it has, or put the model back as it was");

    /// <summary>Maps the VQ-VAE's weights and checks that every tensor is there in its shape.</summary>
    /// <exception cref="DamagedFileException">The file is missing, damaged, or lacks a tensor.</exception>
    public WeightFile OpenVqVae() => Weights(ModelDescription.VqVaeFileName, () => TensorTable.Of(Description.VqVae), content: true);

    /// <summary>Maps a prior's weights and checks that every tensor is there in its shape.</summary>
    /// <param name="level">Level of the prior.</param>
    /// <param name="content">Whether the weights are to be computed with: their digest is then compared, and every number looked at.</param>
    /// <exception cref="ArgumentException">The model has no prior for that level.</exception>
    /// <exception cref="DamagedFileException">The file is missing, damaged, or lacks a tensor.</exception>
    public WeightFile OpenPrior(int level, bool content = true)
    {
        PriorSpec spec = PriorOf(level);
        return Weights(ModelDescription.PriorFileName(level), () => TensorTable.Of(spec, Description.VqVae), content);
    }

    /// <summary>Reads every file that the description lists and compares its length and SHA-256.</summary>
    /// <exception cref="DamagedFileException">A file is missing or not the one that was written.</exception>
    public void Verify()
    {
        foreach (DamagedFileException problem in Problems())
        {
            throw problem;
        }
    }

    /// <summary>
    /// Everything that is wrong with the folder: files that are missing, changed or not listed in its description, tensors that are missing, of another shape
    /// or not finite.
    /// </summary>
    public IEnumerable<DamagedFileException> Problems()
    {
        string[] weights = [.. File.Exists(FilePath(ModelDescription.VqVaeFileName)) ? [ModelDescription.VqVaeFileName] : Array.Empty<string>(), .. Description.Priors.Select(prior => ModelDescription.PriorFileName(prior.Level))];
        foreach (string name in Description.Files.Keys.Union(weights))
        {
            if (ProblemOf(name) is { } problem)
            {
                yield return problem;
            }
        }
    }

    private DamagedFileException? ProblemOf(string name)
    {
        try
        {
            CheckDigest(FilePath(name), DigestOf(name));
            if (name == ModelDescription.VqVaeFileName)
            {
                OpenVqVae();
            }
            else if (Description.Priors.FirstOrDefault(prior => ModelDescription.PriorFileName(prior.Level) == name) is { } spec)
            {
                OpenPrior(spec.Level);
            }

            return null;
        }
        catch (DamagedFileException e)
        {
            return e;
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

    private static bool IsWeights(string name) => name.EndsWith(".safetensors", StringComparison.Ordinal);

    private static void CheckLength(string path, FileDigest expected) => Open(path, expected).Dispose();

    private static void CheckDigest(string path, FileDigest expected)
    {
        using FileStream stream = Open(path, expected);
        string actual = Convert.ToHexStringLower(SHA256.HashData(stream));
        if (!actual.Equals(expected.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new DamagedFileException(path, -1, $"it is not what was written: its SHA-256 is {actual}, {ModelDescription.FileName} says {expected.Sha256}", Remedy);
        }
    }

    /// <summary>Opens a file of the expected length. That of what is opened counts: in a cache the name may be a link.</summary>
    private static FileStream Open(string path, FileDigest expected)
    {
        if (!RegularFile.Exists(path))
        {
            throw new DamagedFileException(path, -1, "the file is missing", Remedy);
        }

        FileStream stream = RegularFile.OpenRead(path, Remedy);
        if (stream.Length == expected.LengthBytes)
        {
            return stream;
        }

        using (stream)
        {
            throw new DamagedFileException(
                path,
                Math.Min(stream.Length, expected.LengthBytes),
                $"it has {stream.Length} bytes, {ModelDescription.FileName} says {expected.LengthBytes}; it is truncated or not the one that was written",
                Remedy);
        }
    }

    private FileDigest DigestOf(string name) => Description.Files.TryGetValue(name, out FileDigest? digest)
        ? digest
        : throw new DamagedFileException(
            System.IO.Path.Combine(Path, ModelDescription.FileName), -1, $"it has no digest of {name}, so nobody can say whether that is whole", Remedy);

    private WeightFile Weights(string name, Func<IReadOnlyList<TensorEntry>> table, bool content)
    {
        string path = FilePath(name);
        FileDigest digest = DigestOf(name);
        if (!_files.TryGetValue(name, out WeightFile? file))
        {
            CheckLength(path, digest);
            file = WeightFile.Open(path);
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
        }

        if (content && !_checked.Contains(name))
        {
            if (digest.LengthBytes <= AlwaysVerifiedBytes)
            {
                CheckDigest(path, digest);
            }

            WeightCheck.RequireFinite(file, table());
            _checked.Add(name);
        }

        return file;
    }

    private string FilePath(string name) => System.IO.Path.Combine(Path, name);
}
