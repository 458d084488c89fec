using System.Numerics;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// A checkpoint file that is open: its tensors, unread, and its hyperparameters if it has any. Reads PyTorch's stream and
/// zip formats and safetensors, told apart by content, not by name.
/// </summary>
public sealed class Checkpoint : IDisposable
{
    /// <summary>Key under which a checkpoint carries the JSON text of a <see cref="ModelDescription"/>.</summary>
    public const string DescriptionKey = "jukebox_native";

    private const int NestingLimit = 4;

    /// <summary>Under what trainers save a model's tensors.</summary>
    private static readonly string[] ModelKeys = ["model", "model_state_dict", "state_dict"];

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

    /// <summary>The model's tensors by name, without what wrappers of modules put before it.</summary>
    public IReadOnlyDictionary<string, SourceTensor> Tensors { get; }

    /// <summary>The entry <c>hps</c>: null, bool, long, double, string, or object[] of those; values of other kinds are left out.</summary>
    public IReadOnlyDictionary<string, object?>? Hyperparameters { get; }

    /// <summary>The text under <see cref="DescriptionKey"/>, unchecked; none in checkpoints of the reference.</summary>
    public string? Description { get; private init; }

    /// <summary>The parts of the file whose checksums it states; none in formats that have no checksums.</summary>
    internal IReadOnlyList<ChecksummedPart> Parts { get; private init; } = [];

    /// <summary>Opens a file of any format that is known.</summary>
    /// <exception cref="DamagedFileException">The content is not a sound checkpoint.</exception>
    /// <exception cref="ConversionException">The file cannot be opened.</exception>
    public static Checkpoint Open(string path)
    {
        var file = new SourceFile(path);
        try
        {
            byte[] head = Head(file);
            if (LegacyContainer.Begins(head))
            {
                return FromObject(file, "PyTorch stream", LegacyContainer.Read(file), []);
            }

            if (ZipContainer.Begins(head))
            {
                object? root = ZipContainer.Read(file, out IReadOnlyList<ChecksummedPart> parts);
                return FromObject(file, "PyTorch zip", root, parts);
            }

            return UnknownContent.LooksLikeSafetensors(head)
                ? new Checkpoint(file, "safetensors", Named(file, SafetensorsContainer.Read(file)), null)
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

    private static byte[] Head(SourceFile file)
    {
        var head = new byte[Math.Min(file.LengthBytes, 1024)];
        file.Read(0, head);
        return head;
    }

    private static Checkpoint FromObject(SourceFile file, string format, object? root, IReadOnlyList<ChecksummedPart> parts)
    {
        if (root is not PickleDictionary dictionary)
        {
            throw file.Damaged(0, "it holds no dictionary of tensors", "name a checkpoint of a model");
        }

        IEnumerable<KeyValuePair<string, SourceTensor>> placed = Model(dictionary).Entries
            .Where(entry => entry.Value is PickleTensor { Storage.Type.Element: not null })
            .Select(entry => KeyValuePair.Create(entry.Key, Place(file, entry.Key, (PickleTensor)entry.Value!)));
        Dictionary<string, SourceTensor> tensors = Named(file, placed);
        return tensors.Count > 0
            ? new Checkpoint(file, format, tensors, Simplify(dictionary.Entries.GetValueOrDefault("hps")))
            {
                Description = dictionary.Entries.GetValueOrDefault(DescriptionKey) as string,
                Parts = parts,
            }
            : throw file.Damaged(0, "it holds no tensors of a model", "name a checkpoint of a model");
    }

    /// <summary>The reference saves {model, hps, opt, step}, trainers of others their own; Hugging Face the bare names.</summary>
    private static PickleDictionary Model(PickleDictionary dictionary)
    {
        for (int depth = 0; depth < NestingLimit; depth++)
        {
            PickleDictionary? inner = ModelKeys.Select(key => dictionary.Entries.GetValueOrDefault(key) as PickleDictionary).FirstOrDefault(entry => entry is not null);
            if (inner is null)
            {
                break;
            }

            dictionary = inner;
        }

        return dictionary;
    }

    private static Dictionary<string, SourceTensor> Named(SourceFile file, IEnumerable<KeyValuePair<string, SourceTensor>> tensors)
    {
        var named = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        foreach ((string fullName, SourceTensor tensor) in tensors)
        {
            string name = WrapperNames.Strip(fullName);
            if (!named.TryAdd(name, tensor with { Name = name }))
            {
                throw file.Damaged(tensor.OffsetBytes, $"tensor '{Text.Quote(name)}' occurs twice, with and without what wraps modules ('module.')");
            }
        }

        return named;
    }

    private static SourceTensor Place(SourceFile file, string name, PickleTensor tensor)
    {
        PickleStorage storage = tensor.Storage;
        return storage.DataOffsetBytes >= 0
            ? new SourceTensor(
                file, name, storage.Type.Element!.Value, storage.DataOffsetBytes + (tensor.OffsetElements * storage.Type.ElementBytes), tensor.Sizes, tensor.Strides)
            : throw file.Damaged(storage.AtByte, $"the data of storage '{Text.Quote(storage.Key)}' is missing");
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
