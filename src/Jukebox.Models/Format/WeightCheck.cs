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
