using System.Runtime.InteropServices;
using Jukebox.Core.Files;
using Jukebox.Recordings.Embeddings;
using Parquet;
using Parquet.Schema;

namespace Jukebox.Recordings.VectorFiles;

/// <summary>
/// Vectors as a Parquet table, a row a frame: <c>file</c> (name below the folder of results, without an ending), <c>layer</c>, <c>time</c> (seconds)
/// and <c>vector</c> (list of float). One file for each recording, so that a run that is killed loses none; readers take a folder of them as one table.
/// </summary>
internal static class ParquetTable
{
    /// <summary>Numbers of a row group: a few megabytes, which a reader holds at once.</summary>
    private const int GroupNumbers = 4 << 20;

    private static readonly DataField<string> File = new("file", nullable: false);
    private static readonly DataField<int> Layer = new("layer");
    private static readonly DataField<double> Time = new("time");
    private static readonly DataField<float> Element = new("element");
    private static readonly ParquetSchema Schema = new(File, Layer, Time, new ListField("vector", Element));

    /// <summary>Writes it.</summary>
    public static void Write(Stream stream, string name, EmbeddingSettings settings, IReadOnlyList<RowFile> rows, int width) =>
        WriteAsync(stream, name, settings, rows, width).GetAwaiter().GetResult();

    private static async Task WriteAsync(Stream stream, string name, EmbeddingSettings settings, IReadOnlyList<RowFile> rows, int width)
    {
        await using ParquetWriter writer = await ParquetWriter.CreateAsync(Schema, stream);
        foreach ((int layer, RowFile file) in settings.Layers.Zip(rows))
        {
            await using FileStream content = RegularFile.OpenRead(file.Path);
            content.Position = RowFile.HeaderBytes;
            int most = Math.Max(1, GroupNumbers / width);
            for (long first = 0; first < file.Rows; first += most)
            {
                int count = (int)Math.Min(most, file.Rows - first);
                await WriteGroup(writer, name, layer, file.Seconds.GetRange((int)first, count), Read(content, settings.Dtype, count * width), width);
            }
        }
    }

    private static async Task WriteGroup(ParquetWriter writer, string name, int layer, List<double> seconds, float[] values, int width)
    {
        using ParquetRowGroupWriter group = writer.CreateRowGroup();
        int[] places = [.. Enumerable.Range(0, values.Length).Select(i => i % width == 0 ? 0 : 1)]; // 0 begins a list
        await group.WriteAsync(File, [.. Enumerable.Repeat(name, seconds.Count)]);
        await group.WriteAsync<int>(Layer, Enumerable.Repeat(layer, seconds.Count).ToArray());
        await group.WriteAsync<double>(Time, seconds.ToArray());
        int[] present = [.. Enumerable.Repeat(Element.MaxDefinitionLevel, values.Length)]; // no list is empty, no number missing
        await group.WriteAllPartsAsync<float>(Element, values, present, places, CancellationToken.None);
        group.CompleteValidate();
    }

    private static float[] Read(Stream content, EmbeddingType type, int count)
    {
        var bytes = new byte[count * RowFile.BytesOf(type)];
        content.ReadExactly(bytes);
        return type == EmbeddingType.F32
            ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
            : Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), half => (float)half);
    }
}
