using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Conversion.Containers;

/// <summary>Safetensors as a source: read by offset, not mapped.</summary>
internal static class SafetensorsContainer
{
    /// <summary>The floating-point tensors of a file; others (masks, positions) are no weights and are left out.</summary>
    /// <exception cref="DamagedFileException">The content is not sound.</exception>
    public static Dictionary<string, SourceTensor> Read(SourceFile file)
    {
        Span<byte> length = stackalloc byte[8];
        file.Read(0, length);
        var json = new byte[SafetensorsHeader.CheckLength(file.Path, BitConverter.ToUInt64(length), file.LengthBytes)];
        file.Read(8, json);
        var tensors = new Dictionary<string, SourceTensor>(StringComparer.Ordinal);
        foreach (SafetensorsEntry entry in SafetensorsHeader.Parse(file.Path, json, file.LengthBytes).Tensors.Values)
        {
            if (Enum.TryParse(entry.Type, out SourceElement element))
            {
                tensors.Add(entry.Name, new SourceTensor(file, entry.Name, element, entry.OffsetBytes, entry.Extents, StridesOf(entry.Extents)));
            }
        }

        return tensors;
    }

    private static long[] StridesOf(IReadOnlyList<long> extents)
    {
        var strides = new long[extents.Count];
        long stride = 1;
        for (int axis = extents.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Math.Max(extents[axis], 1);
        }

        return strides;
    }
}
