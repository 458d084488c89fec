using System.Numerics;
using Jukebox.Core;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// A checkpoint file that is open: its tensors, unread, and its hyperparameters if it has any. Reads PyTorch's stream and
/// zip formats and safetensors, told apart by content, not by name.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>Key under which a checkpoint carries the JSON text of a <see cref="Core.ModelFormat.ModelDescription"/>.</summary>
    public const string DescriptionKey = "jukebox_native";

    private Checkpoint(SourceFile file, string format, IReadOnlyDictionary<string, SourceTensor> tensors, IReadOnlyDictionary<string, object?>? hyperparameters)
    {
        File = file;
        Format = format;
        Tensors = tensors;
        Hyperparameters = hyperparameters;
    }

    /// <summary>The open file.</summary>
    public SourceFile File { get; }

    /// <summary>What kind of file it is, in words.</summary>
    public string Format { get; }

    /// <summary>The model's tensors by name, without a leading <c>module.</c>.</summary>
    public IReadOnlyDictionary<string, SourceTensor> Tensors { get; }

    /// <summary>The entry <c>hps</c>: null, bool, long, double, string, or object[] of those; values of other kinds are left out.</summary>
    public IReadOnlyDictionary<string, object?>? Hyperparameters { get; }

    /// <summary>The text under <see cref="DescriptionKey"/>, unchecked; none in checkpoints of the reference.</summary>
    public string? Description { get; private init; }

    /// <summary>Opens a file of any format that is known.</summary>
    /// <exception cref="DamagedFileException">The content is not a sound checkpoint.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static Checkpoint Open(string path)
    {
        var file = new SourceFile(path);
        try
        {
            var head = new byte[Math.Min(file.LengthBytes, 1024)];
            file.Read(0, head);
            if (LegacyContainer.Begins(head))
            {
                return FromObject(file, "PyTorch stream", LegacyContainer.Read(file));
            }

            if (ZipContainer.Begins(head))
            {
                return FromObject(file, "PyTorch zip", ZipContainer.Read(file));
            }

            return UnknownContent.LooksLikeSafetensors(head)
                ? new Checkpoint(file, "safetensors", SafetensorsContainer.Read(file), null)
                : throw UnknownContent.Explain(file, head);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Closes the file; the tensors can then no longer be read.</summary>
    public void Dispose() => File.Dispose();

    /// <summary>The reference saves {model, hps, opt, step}; Hugging Face and others the bare names.</summary>
    private static Checkpoint FromObject(SourceFile file, string format, object? root)
    {
        if (root is not PickleDictionary dictionary)
        {
            throw file.Damaged(0, "it holds no dictionary of tensors", "name a checkpoint of a model");
        }

        PickleDictionary model = dictionary.Entries.GetValueOrDefault("model") as PickleDictionary
            ?? dictionary.Entries.GetValueOrDefault("state_dict") as PickleDictionary
            ?? dictionary;
        var tensors = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        foreach ((string fullName, object? value) in model.Entries)
        {
            string name = fullName.StartsWith("module.", StringComparison.Ordinal) ? fullName["module.".Length..] : fullName;
            if (value is PickleTensor tensor && tensor.Storage.Type.Element is { } element && !tensors.TryAdd(name, Place(file, name, tensor, element)))
            {
                throw file.Damaged(tensor.Storage.AtByte, $"tensor '{name}' occurs twice, with and without 'module.'");
            }
        }

        return tensors.Count > 0
            ? new Checkpoint(file, format, tensors, Simplify(dictionary.Entries.GetValueOrDefault("hps")))
            {
                Description = dictionary.Entries.GetValueOrDefault(DescriptionKey) as string,
            }
            : throw file.Damaged(0, "it holds no tensors of a model", "name a checkpoint of a model");
    }

    private static SourceTensor Place(SourceFile file, string name, PickleTensor tensor, SourceElement element)
    {
        PickleStorage storage = tensor.Storage;
        return storage.DataOffsetBytes >= 0
            ? new SourceTensor(file, name, element, storage.DataOffsetBytes + (tensor.OffsetElements * storage.Type.ElementBytes), tensor.Sizes, tensor.Strides)
            : throw file.Damaged(storage.AtByte, $"the data of storage '{storage.Key}' is missing");
    }

    private static Dictionary<string, object?>? Simplify(object? value)
    {
        if (value is not PickleDictionary dictionary)
        {
            return null;
        }

        var simple = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach ((string key, object? entry) in dictionary.Entries)
        {
            object?[]? items = (entry as PickleTuple)?.Items ?? (entry as PickleList)?.Items.ToArray();
            if (IsSimple(entry) || (items is not null && items.All(IsSimple)))
            {
                simple[key] = items ?? entry;
            }
        }

        return simple;
    }

    private static bool IsSimple(object? value) => value is null or bool or long or double or string or BigInteger;
}
