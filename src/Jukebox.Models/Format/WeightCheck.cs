using System.Numerics;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Format;

/// <summary>Holds a weight file against the table of tensors that its model must have.</summary>
public static class WeightCheck
{
    private const string Remedy = "convert the checkpoint again";

    /// <summary>Checks that every tensor of the table is there, with its stored shape; extra tensors do not matter.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="table">What <see cref="TensorTable"/> lists for the model.</param>
    /// <param name="required">The only element type allowed, or none where any floating-point type will do.</param>
    /// <exception cref="DamagedFileException">One is missing, misshapen or of another type; the message names the first and counts the rest.</exception>
    public static void Require(WeightFile file, IReadOnlyList<TensorEntry> table, ElementType? required = null)
    {
        string? first = null;
        int count = 0;
        foreach (TensorEntry entry in table)
        {
            if (Problem(file, entry, required) is { } problem)
            {
                first ??= problem;
                count++;
            }
        }

        if (first is not null)
        {
            string others = count > 1 ? $" (and {count - 1} more of {table.Count} tensors do not fit)" : "";
            throw new DamagedFileException(file.Path, -1, first + others, Remedy);
        }
    }

    /// <summary>Checks that every number of the tensors that a model uses is one.</summary>
    /// <param name="file">The weights.</param>
    /// <param name="table">What <see cref="TensorTable"/> lists for the model.</param>
    /// <exception cref="DamagedFileException">One is infinite or no number; the message names the first and counts the tensors.</exception>
    public static void RequireFinite(WeightFile file, IReadOnlyList<TensorEntry> table)
    {
        StoredTensor[] wrong = [.. table.Select(entry => file[entry.Name]).Where(tensor => FirstNotFinite(tensor) >= 0)];
        if (wrong.Length > 0)
        {
            long index = FirstNotFinite(wrong[0]);
            string others = wrong.Length > 1 ? $" (and {wrong.Length - 1} more of {table.Count} tensors have)" : "";
            throw new DamagedFileException(
                file.Path,
                wrong[0].OffsetBytes + (index * wrong[0].Type.LengthBytes()),
                $"tensor '{wrong[0].Name}' has a number that is infinite or none{others}, so nothing can be computed with it",
                Remedy);
        }
    }

    /// <summary>Index of the first element whose exponent has every bit set, or −1.</summary>
    private static unsafe long FirstNotFinite(StoredTensor tensor)
    {
        long count = tensor.Shape.LengthElements;
        return tensor.Type switch
        {
            ElementType.F32 => First((uint*)tensor.Pointer, count, 0x7F800000u),
            ElementType.F16 => First((ushort*)tensor.Pointer, count, (ushort)0x7C00),
            ElementType.BF16 => First((ushort*)tensor.Pointer, count, (ushort)0x7F80),
            _ => -1,
        };
    }

    private static unsafe long First<T>(T* elements, long count, T exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        const int block = 1 << 16;
        var mask = new Vector<T>(exponent);
        for (long start = 0; start < count; start += block)
        {
            var span = new ReadOnlySpan<T>(elements + start, (int)Math.Min(block, count - start));
            int whole = span.Length - (span.Length % Vector<T>.Count);
            bool finite = true;
            for (int i = 0; i < whole; i += Vector<T>.Count)
            {
                finite &= !Vector.EqualsAny(new Vector<T>(span[i..]) & mask, mask);
            }

            for (int i = finite ? whole : 0; i < span.Length; i++)
            {
                if ((span[i] & exponent) == exponent)
                {
                    return start + i;
                }
            }
        }

        return -1;
    }

    private static string? Problem(WeightFile file, TensorEntry entry, ElementType? required)
    {
        if (!file.Tensors.TryGetValue(entry.Name, out StoredTensor? tensor))
        {
            return $"it has no tensor '{entry.Name}'";
        }

        if (tensor.Shape != entry.StoredShape)
        {
            return $"tensor '{entry.Name}' has the shape {tensor.Shape}, its model needs {entry.StoredShape}";
        }

        bool fits = required is { } type
            ? tensor.Type == type
            : tensor.Type is ElementType.F32 or ElementType.F16 or ElementType.BF16;
        return fits ? null : $"tensor '{entry.Name}' is stored as {tensor.Type}, its model needs {required?.ToString() ?? "a floating-point type"}";
    }
}
