using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Recordings.Embeddings;

namespace Jukebox.Recordings.VectorFiles;

/// <summary>Vectors in a safetensors file: <c>layer_36</c>, …, and <c>times</c>, seconds of each row in double precision.</summary>
internal static class TensorFile
{
    /// <summary>Writes it beside and puts it in place.</summary>
    public static void Write(string path, EmbeddingSettings settings, IReadOnlyList<RowFile> rows, int width, bool isVector)
    {
        string temporary = path + ".tmp";
        try
        {
            File.Delete(temporary);
            ElementType type = settings.Dtype == EmbeddingType.F16 ? ElementType.F16 : ElementType.F32;
            int count = checked((int)rows[0].Rows);
            Dictionary<string, RowFile> byName = settings.Layers.Zip(rows).ToDictionary(pair => EmbeddingFiles.TensorOf(pair.First), pair => pair.Second);
            TensorLayout[] layouts = [.. byName.Keys.Select(name => new TensorLayout(name, type, isVector ? new Shape(width) : new Shape(count, width)))];
            using (var writer = new SafetensorsWriter(temporary, layouts.Append(new TensorLayout(EmbeddingFiles.Times, ElementType.F64, new Shape(count)))))
            {
                foreach (TensorLayout tensor in writer.Tensors)
                {
                    if (tensor.Name == EmbeddingFiles.Times)
                    {
                        writer.Append(NumpyArchive.BytesOf(rows[0].Seconds));
                    }
                    else
                    {
                        Append(writer, byName[tensor.Name].Path);
                    }
                }

                writer.Complete();
            }

            DurableFile.Replace(temporary, path);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static void Append(SafetensorsWriter writer, string path)
    {
        using FileStream content = RegularFile.OpenRead(path);
        content.Position = RowFile.HeaderBytes;
        var block = new byte[1 << 20];
        for (int read; (read = content.Read(block)) > 0;)
        {
            writer.Append(block.AsSpan(0, read));
        }
    }
}
