namespace Jukebox.Core.Files;

/// <summary>Bytes of a file, from <see cref="FirstByte"/> to before <see cref="EndByte"/>.</summary>
/// <param name="FirstByte">The first.</param>
/// <param name="EndByte">The one after the last.</param>
public readonly record struct ByteRange(long FirstByte, long EndByte)
{
    /// <summary>How many they are.</summary>
    public long LengthBytes => EndByte - FirstByte;

    /// <summary>The bytes of some tensors: those that lie next to each other are one range, and ranges come in the order of the file.</summary>
    public static IReadOnlyList<ByteRange> Of(IEnumerable<StoredTensor> tensors)
    {
        var ranges = new List<ByteRange>();
        foreach (StoredTensor tensor in tensors.OrderBy(tensor => tensor.OffsetBytes))
        {
            long end = tensor.OffsetBytes + tensor.LengthBytes;
            if (ranges.Count > 0 && ranges[^1].EndByte == tensor.OffsetBytes)
            {
                ranges[^1] = ranges[^1] with { EndByte = end };
            }
            else
            {
                ranges.Add(new ByteRange(tensor.OffsetBytes, end));
            }
        }

        return ranges;
    }
}
