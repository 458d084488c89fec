using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Targets;

/// <summary>Writes weight files of one format into a folder.</summary>
/// <param name="format">The format.</param>
/// <param name="folder">The folder, which exists.</param>
/// <param name="progressed">Told the bytes read, as they are read.</param>
/// <param name="cancellation">Stops between chunks.</param>
internal sealed class TargetWriter(TargetFormat format, string folder, Action<long> progressed, CancellationToken cancellation)
{
    /// <summary>Writes one file.</summary>
    /// <param name="file">What is to be in it.</param>
    /// <param name="description">The model that it belongs to, without digests of weight files; checkpoints carry it.</param>
    /// <exception cref="DamagedFileException">Tensors hold what is no finite number, or would in the type that they are stored in.</exception>
    public FileDigest Write(PlannedFile file, ModelDescription description)
    {
        string path = Path.Combine(folder, file.NameIn(format));
        var values = new ValueCheck();
        FileDigest digest = format == TargetFormat.ModelFolder ? WriteSafetensors(path, file, values) : WriteCheckpoint(path, file, description, values);
        values.RequireFinite();
        return digest;
    }

    private FileDigest WriteSafetensors(string path, PlannedFile file, ValueCheck values)
    {
        Dictionary<string, MatchedTensor> byName = file.Tensors.ToDictionary(tensor => tensor.Entry.Name, StringComparer.Ordinal);
        IEnumerable<TensorLayout> layout = file.Tensors.Select(tensor => new TensorLayout(tensor.Entry.Name, file.TypeOf(tensor), tensor.Entry.StoredShape));
        using var writer = new SafetensorsWriter(path, layout);
        var copier = new TensorCopier(writer.Append, progressed, cancellation);
        foreach (TensorLayout tensor in writer.Tensors)
        {
            SourceTensor source = byName[tensor.Name].Source;
            values.Add(source, tensor.Name, tensor.Type, copier.Copy(source, tensor.Type));
        }

        return writer.Complete();
    }

    private FileDigest WriteCheckpoint(string path, PlannedFile file, ModelDescription description, ValueCheck values)
    {
        using var writer = new CheckpointWriter(path, file, description);
        var copier = new TensorCopier(writer.Append, progressed, cancellation);
        foreach (CheckpointTensor tensor in writer.Tensors)
        {
            writer.Begin(tensor);
            values.Add(tensor.Source, tensor.Name, tensor.Type, copier.Copy(tensor.Source, tensor.Type));
        }

        return writer.Complete();
    }
}
