using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Conversion.Targets;

/// <summary>Writes weight files of one format into a folder.</summary>
/// <param name="format">The format.</param>
/// <param name="folder">The folder, which exists.</param>
/// <param name="progressed">Told the bytes read, as they are read.</param>
/// <param name="notes">Takes what the user should know.</param>
/// <param name="cancellation">Stops between chunks.</param>
internal sealed class TargetWriter(TargetFormat format, string folder, Action<long> progressed, List<string> notes, CancellationToken cancellation)
{
    /// <summary>Writes one file.</summary>
    /// <param name="file">What is to be in it.</param>
    /// <param name="description">The model that it belongs to, without digests of weight files; checkpoints carry it.</param>
    public FileDigest Write(PlannedFile file, ModelDescription description)
    {
        string path = Path.Combine(folder, file.NameIn(format));
        return format == TargetFormat.ModelFolder ? WriteSafetensors(path, file) : WriteCheckpoint(path, file, description);
    }

    private FileDigest WriteSafetensors(string path, PlannedFile file)
    {
        Dictionary<string, MatchedTensor> byName = file.Tensors.ToDictionary(tensor => tensor.Entry.Name, StringComparer.Ordinal);
        IEnumerable<TensorLayout> layout = file.Tensors.Select(tensor => new TensorLayout(tensor.Entry.Name, file.TypeOf(tensor), tensor.Entry.StoredShape));
        using var writer = new SafetensorsWriter(path, layout);
        var copier = new TensorCopier(writer.Append, progressed, cancellation);
        foreach (TensorLayout tensor in writer.Tensors)
        {
            Copy(copier, path, tensor.Name, byName[tensor.Name].Source, tensor.Type);
        }

        return writer.Complete();
    }

    private FileDigest WriteCheckpoint(string path, PlannedFile file, ModelDescription description)
    {
        using var writer = new CheckpointWriter(path, file, description);
        var copier = new TensorCopier(writer.Append, progressed, cancellation);
        foreach (CheckpointTensor tensor in writer.Tensors)
        {
            writer.Begin(tensor);
            Copy(copier, path, tensor.Name, tensor.Source, tensor.Type);
        }

        return writer.Complete();
    }

    private void Copy(TensorCopier copier, string path, string name, SourceTensor source, ElementType type)
    {
        long overflows = copier.Copy(source, type);
        if (overflows > 0)
        {
            notes.Add($"{Path.GetFileName(path)}: {overflows} values of '{name}' are too large for {type} and became infinite; --dtype bf16 has the range of f32.");
        }
    }
}
