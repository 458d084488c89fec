using System.Buffers.Binary;
using System.IO.Compression;
using Jukebox.Core.Files;

namespace Jukebox.Recordings.VectorFiles;

/// <summary>numpy's archive of arrays (<c>npz</c>): a zip file without compression, with the same bytes for the same arrays.</summary>
internal static class NumpyArchive
{
    private static readonly DateTimeOffset NoTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes <c>layer_36.npy</c>, …, and <c>times.npy</c>: seconds of each row.</summary>
    public static void Write(Stream stream, int[] layers, IReadOnlyList<RowFile> rows)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach ((int layer, RowFile file) in layers.Zip(rows))
        {
            using Stream entry = Begin(archive, $"{EmbeddingFiles.TensorOf(layer)}.npy");
            using FileStream content = RegularFile.OpenRead(file.Path);
            content.CopyTo(entry);
        }

        using Stream times = Begin(archive, $"{EmbeddingFiles.Times}.npy");
        times.Write(RowFile.Header("<f8", [rows[0].Seconds.Count]));
        times.Write(BytesOf(rows[0].Seconds));
    }

    /// <summary>Little-endian doubles.</summary>
    public static byte[] BytesOf(List<double> values)
    {
        var bytes = new byte[8 * values.Count];
        for (int i = 0; i < values.Count; i++)
        {
            BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8 * i), values[i]);
        }

        return bytes;
    }

    private static Stream Begin(ZipArchive archive, string name)
    {
        ZipArchiveEntry entry = archive.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = NoTime;
        return entry.Open();
    }
}
