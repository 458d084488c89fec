using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Jukebox.Core.Files;
using Jukebox.Recordings.Embeddings;

namespace Jukebox.Recordings.VectorFiles;

/// <summary>A file of vectors that was written.</summary>
/// <param name="Path">The file, below the folder of results, with '/'.</param>
/// <param name="Layers">Layers in it; none in one of codes.</param>
/// <param name="Shape">Shape of a layer's array.</param>
/// <param name="Dtype">Storage of a number: f32, f16, or i32 of codes.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Sha256">SHA-256 of the file.</param>
/// <param name="RateHz">Rows per second; none for one row.</param>
public sealed record EmbeddingOutput(string Path, int[] Layers, long[] Shape, string Dtype, long Bytes, string Sha256, double? RateHz = null)
{
    /// <summary>What is wrong with the file below a folder of results, as a sentence; none where it is what was written.</summary>
    public string? ProblemIn(string folder)
    {
        string path = System.IO.Path.Combine(folder, Path);
        if (!RegularFile.Exists(path))
        {
            return $"{path}: the file is missing; run the same command again, and it is made anew.";
        }

        using FileStream stream = RegularFile.OpenRead(path);
        return stream.Length != Bytes ? $"{path}: it has {stream.Length} bytes, and {Bytes} were written; delete it and run the same command again."
            : HashOf(stream) != Sha256 ? $"{path}: it is not what was written: its SHA-256 is another; delete it and run the same command again."
            : null;
    }

    internal static string HashOf(Stream stream) => Convert.ToHexStringLower(SHA256.HashData(stream));
}

/// <summary>
/// Writes the vectors of one clip: rows as they come into files beside, and when all have come the files that were asked for, each put in its place
/// when it is whole and on the disk. What is not complete leaves nothing behind.
/// </summary>
public sealed class EmbeddingFiles : IDisposable
{
    /// <summary>Name of the times of all rows, where they are kept beside the layers.</summary>
    internal const string Times = "times";

    private readonly EmbeddingSettings _settings;
    private readonly string _folder, _name;
    private readonly int _width;
    private readonly Dictionary<int, RowFile> _rows = [];
    private readonly List<int> _codes = [];

    /// <summary>Begins them.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="name">Name below it, with '/', without an ending.</param>
    /// <param name="settings">Layers, format and storage.</param>
    /// <param name="width">Numbers of a row.</param>
    public EmbeddingFiles(string folder, string name, EmbeddingSettings settings, int width)
    {
        (_folder, _name, _settings, _width) = (folder, name, settings, width);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
        try
        {
            foreach (int layer in settings.Layers)
            {
                _rows.Add(layer, new RowFile(Path.Combine(folder, $"{name}.{Text(layer)}.part"), settings.Dtype, width));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The first layer that holds what is no number, or none.</summary>
    public int? LayerWithOtherThanNumbers => _rows.Where(entry => entry.Value.HasOtherThanNumbers).Select(entry => (int?)entry.Key).FirstOrDefault();

    /// <summary>Names of the files of a clip below the folder of results.</summary>
    /// <param name="name">The clip's, without an ending.</param>
    /// <param name="settings">Layers and format.</param>
    public static string[] NamesOf(string name, EmbeddingSettings settings) => settings.Format == EmbeddingFormat.Npy
        ? [.. settings.Layers.Select(layer => settings.Layers.Length == 1 ? $"{name}.npy" : $"{name}.{Text(layer)}.npy")]
        : [$"{name}.{settings.Format.ToString().ToLowerInvariant()}"];

    /// <summary>Name of the file of a clip's codes.</summary>
    private string CodesName => $"{_name}.codes.npy";

    /// <summary>Name of a layer's array in a file that holds several.</summary>
    internal static string TensorOf(int layer) => $"layer_{Text(layer)}";

    /// <summary>Takes a row of a layer.</summary>
    public void Add(int layer, double seconds, ReadOnlySpan<float> row) => _rows[layer].Add(seconds, row);

    /// <summary>Takes the codes of a window, as far as the one before has not given them.</summary>
    public void AddCodes(ReadOnlySpan<int> codes) => _codes.AddRange(codes);

    /// <summary>Puts the files in place.</summary>
    /// <exception cref="Core.Files.StorageException">The disk is full.</exception>
    public EmbeddingOutput[] Complete()
    {
        bool isVector = _settings.IsOneVector;
        foreach (RowFile rows in _rows.Values)
        {
            rows.Complete(isVector);
        }

        string[] names = NamesOf(_name, _settings);
        string[] paths = [.. names.Select(name => Path.Combine(_folder, name))];
        IReadOnlyList<RowFile> layers = [.. _settings.Layers.Select(layer => _rows[layer])];
        switch (_settings.Format)
        {
            case EmbeddingFormat.Npy:
                foreach ((RowFile rows, string path) in layers.Zip(paths))
                {
                    DurableFile.Replace(rows.Path, path);
                }

                break;
            case EmbeddingFormat.Npz:
                DurableFile.WriteAtomically(paths[0], stream => NumpyArchive.Write(stream, _settings.Layers, layers));
                break;
            case EmbeddingFormat.Safetensors:
                TensorFile.Write(paths[0], _settings, layers, _width, isVector);
                break;
            default:
                DurableFile.WriteAtomically(paths[0], stream => ParquetTable.Write(stream, _name, _settings, layers, _width));
                break;
        }

        RowFile first = layers[0];
        string type = _settings.Dtype.ToString().ToLowerInvariant();
        return
        [
            .. names.Select((name, i) => Output(
                name, names.Length == 1 ? _settings.Layers : [_settings.Layers[i]], isVector ? [_width] : [first.Rows, _width], type, RateOf(first.Seconds))),
            .. _settings.Codes ? [WriteCodes()] : Array.Empty<EmbeddingOutput>(),
        ];
    }

    private EmbeddingOutput WriteCodes()
    {
        DurableFile.WriteAtomically(Path.Combine(_folder, CodesName), stream =>
        {
            stream.Write(RowFile.Header("<i4", [_codes.Count]));
            stream.Write(MemoryMarshal.AsBytes<int>(_codes.ToArray()));
        });
        return Output(CodesName, [], [_codes.Count], "i32", null);
    }

    private EmbeddingOutput Output(string name, int[] layers, long[] shape, string type, double? rateHz)
    {
        using FileStream stream = RegularFile.OpenRead(Path.Combine(_folder, name));
        return new EmbeddingOutput(name, layers, shape, type, stream.Length, EmbeddingOutput.HashOf(stream), rateHz);
    }

    /// <summary>Deletes what is no file of its own by now.</summary>
    public void Dispose()
    {
        foreach (RowFile rows in _rows.Values)
        {
            rows.Dispose();
        }
    }

    private static string Text(int layer) => layer.ToString(CultureInfo.InvariantCulture);

    private static double? RateOf(List<double> seconds) => seconds.Count < 2 || seconds[^1] <= seconds[0] ? null : (seconds.Count - 1) / (seconds[^1] - seconds[0]);
}
