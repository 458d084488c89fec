using System.Buffers.Binary;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Training.Modules;

/// <summary>Writes the weight file of a model.</summary>
internal static class WeightExport
{
    /// <summary>Writes every tensor of a table.</summary>
    /// <param name="path">The file; one that is there is deleted first.</param>
    /// <param name="table">The tensors.</param>
    /// <param name="type">Storage of those that may be narrow; others are float32.</param>
    /// <param name="read">Fetches one by its entry.</param>
    public static FileDigest Write(string path, IReadOnlyList<TensorEntry> table, ElementType type, Func<TensorEntry, float[]> read)
    {
        File.Delete(path);
        Dictionary<string, TensorEntry> byName = table.ToDictionary(entry => entry.Name);
        using var writer = new SafetensorsWriter(
            path, table.Select(entry => new TensorLayout(entry.Name, entry.MayBeNarrow ? type : ElementType.F32, entry.StoredShape)));
        foreach (TensorLayout tensor in writer.Tensors)
        {
            writer.Append(Encode(read(byName[tensor.Name]), tensor.Type));
        }

        return writer.Complete();
    }

    /// <summary>Copies a weight file whose label tables have fewer rows than a table says: the new rows are copies of row 0, "unknown".</summary>
    /// <param name="source">The file.</param>
    /// <param name="path">The copy.</param>
    /// <param name="table">The tensors that the copy is to have.</param>
    public static FileDigest Grow(string source, string path, IReadOnlyList<TensorEntry> table)
    {
        using WeightFile file = WeightFile.Open(source);
        ElementType type = table.Where(entry => entry.MayBeNarrow).Select(entry => file[entry.Name].Type).FirstOrDefault(ElementType.F32);
        return Write(path, table, type, entry =>
        {
            float[] values = file[entry.Name].ReadSingles();
            int width = entry.StoredShape[-1];
            var grown = new float[entry.StoredShape.LengthElements];
            values.CopyTo(grown, 0);
            for (int first = values.Length; first < grown.Length; first += width)
            {
                values.AsSpan(0, width).CopyTo(grown.AsSpan(first));
            }

            return grown;
        });
    }

    /// <summary>Rounds to the nearest value that the type has, ties to even.</summary>
    private static byte[] Encode(float[] values, ElementType type)
    {
        var bytes = new byte[(long)values.Length * type.LengthBytes()];
        for (int i = 0; i < values.Length; i++)
        {
            Span<byte> at = bytes.AsSpan(i * type.LengthBytes());
            switch (type)
            {
                case ElementType.F32:
                    BinaryPrimitives.WriteSingleLittleEndian(at, values[i]);
                    break;
                case ElementType.F16:
                    BinaryPrimitives.WriteHalfLittleEndian(at, (Half)values[i]);
                    break;
                case ElementType.BF16:
                    uint bits = BitConverter.SingleToUInt32Bits(values[i]);
                    BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16));
                    break;
                default:
                    throw new ArgumentOutOfRangeException(nameof(type), type, "weights are stored as F32, F16 or BF16");
            }
        }

        return bytes;
    }
}
