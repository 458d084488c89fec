using System.Globalization;
using System.Text;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Targets;

/// <summary>
/// Writes a checkpoint in PyTorch's zip format front to back without holding a tensor in memory: the dictionary
/// {model, hps, step} that the reference's loader expects, without an optimiser's state, so that its trainer begins one of its own; and one
/// entry that it ignores, the model's description.
/// </summary>
internal sealed class CheckpointWriter : IDisposable
{
    private readonly FileStream _stream;
    private readonly ZipWriter _zip;
    private readonly string _stem;

    /// <summary>Creates the file, which must not exist, and writes everything but the data.</summary>
    /// <exception cref="IOException">The file exists or cannot be written.</exception>
    public CheckpointWriter(string path, PlannedFile file, ModelDescription description)
    {
        List<CheckpointTensor> tensors = CheckpointTensor.Of(file);
        Tensors = [.. tensors.DistinctBy(tensor => tensor.Storage)];
        _stem = Path.GetFileName(path)[..^CheckpointFiles.Suffix.Length];

        // Space is taken at once: a disk that is too full, or a file system without such large files, says so before hours of writing.
        _stream = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            BufferSize = 1 << 20,
            PreallocationSize = Tensors.Sum(tensor => tensor.LengthBytes),
        });
        _zip = new ZipWriter(_stream);
        _zip.Add($"{_stem}/data.pkl", Pickle(tensors, Hyperparameters(file.Level, description), description));
        _zip.Add($"{_stem}/byteorder", "little"u8);
    }

    /// <summary>The tensors whose data must be appended, in this order; those that share it come once.</summary>
    public IReadOnlyList<CheckpointTensor> Tensors { get; }

    /// <summary>Begins a tensor's data.</summary>
    public void Begin(CheckpointTensor tensor) => _zip.Begin($"{_stem}/data/{Key(tensor)}", tensor.LengthBytes);

    /// <summary>Appends data of the tensor begun last, in pieces of any length.</summary>
    public void Append(ReadOnlySpan<byte> data) => _zip.Append(data);

    /// <summary>Flushes to the disk and returns length and SHA-256 of the whole file.</summary>
    public FileDigest Complete()
    {
        _zip.Add($"{_stem}/version", "3\n"u8);
        FileDigest digest = _zip.Complete();
        _stream.Flush(flushToDisk: true);
        return digest;
    }

    /// <summary>Closes the file, complete or not.</summary>
    public void Dispose()
    {
        _zip.Dispose();
        _stream.Dispose();
    }

    /// <summary>A prior's hyperparameters follow those of the VQ-VAE that it is built upon, as in the reference.</summary>
    private static IEnumerable<KeyValuePair<string, object?>> Hyperparameters(int? level, ModelDescription description)
    {
        Dictionary<string, object?> vqvae = ReferenceHyperparameters.Of(description.VqVae, description.SampleRateHz);
        return level is null ? vqvae : vqvae.Concat(ReferenceHyperparameters.Of(description.PriorOf(level.Value)!));
    }

    private static byte[] Pickle(List<CheckpointTensor> tensors, IEnumerable<KeyValuePair<string, object?>> hyperparameters, ModelDescription description)
    {
        var pickle = new PickleWriter();
        pickle.Dictionary(() =>
        {
            pickle.Value("hps");
            pickle.Dictionary(() =>
            {
                foreach ((string key, object? value) in hyperparameters)
                {
                    pickle.Value(key);
                    pickle.Value(value);
                }
            });
            pickle.Value("model");
            pickle.OrderedDictionary(() =>
            {
                foreach (CheckpointTensor tensor in tensors)
                {
                    pickle.Value(tensor.Name);
                    pickle.Tensor(StorageClass(tensor.Type), Key(tensor), [.. tensor.Source.Sizes]);
                }
            });
            pickle.Value("step");
            pickle.Value(0);
            pickle.Value(Checkpoint.DescriptionKey);
            pickle.Value(Encoding.UTF8.GetString(description.ToJson()));
        });
        return pickle.Complete();
    }

    private static string Key(CheckpointTensor tensor) => tensor.Storage.ToString(CultureInfo.InvariantCulture);

    private static string StorageClass(ElementType type) => type switch
    {
        ElementType.F16 => "HalfStorage",
        ElementType.BF16 => "BFloat16Storage",
        _ => "FloatStorage",
    };
}
