using System.Runtime.InteropServices;

namespace Jukebox.Core.Tensors;

/// <summary>
/// A typed, row-major, contiguous window onto a buffer. Owns nothing, copies nothing.
/// </summary>
/// <param name="Buffer">Where the elements live; whoever allocated it disposes it.</param>
/// <param name="Type">Storage of one element.</param>
/// <param name="Shape">Extents, slowest first.</param>
/// <param name="OffsetElements">Index of the first element within the buffer.</param>
public readonly record struct Tensor(DeviceBuffer Buffer, ElementType Type, Shape Shape, long OffsetElements = 0)
{
    /// <summary>Number of elements.</summary>
    public long LengthElements => Shape.LengthElements;

    /// <summary>Number of bytes.</summary>
    public long LengthBytes => LengthElements * Type.LengthBytes();

    /// <summary>Byte index of the first element within the buffer.</summary>
    public long OffsetBytes => OffsetElements * Type.LengthBytes();

    /// <summary><paramref name="count"/> entries of the first axis from <paramref name="start"/> on.</summary>
    public Tensor Slice(int start, int count)
    {
        if (start < 0 || count < 0 || start > Shape[0] - count)
        {
            throw new ArgumentOutOfRangeException(nameof(start), $"slice [{start}, {start + count}) of the shape {Shape}");
        }

        long rowElements = Shape[0] == 0 ? 0 : LengthElements / Shape[0];
        Shape sliced = Shape.Rank switch
        {
            1 => new Shape(count),
            2 => new Shape(count, Shape[1]),
            3 => new Shape(count, Shape[1], Shape[2]),
            _ => new Shape(count, Shape[1], Shape[2], Shape[3]),
        };
        return this with { Shape = sliced, OffsetElements = OffsetElements + (start * rowElements) };
    }

    /// <summary>The same elements under other extents with the same product.</summary>
    public Tensor Reshape(Shape shape) => shape.LengthElements == LengthElements
        ? this with { Shape = shape }
        : throw new ArgumentException($"cannot see {Shape} as {shape}", nameof(shape));

    /// <summary>The same elements under the given extents.</summary>
    public Tensor Reshape(params ReadOnlySpan<int> extents) => Reshape(new Shape(extents));

    /// <summary>
    /// The first <paramref name="extents"/> product elements under those extents: a scratch tensor of the largest
    /// shape lends itself to smaller ones.
    /// </summary>
    public Tensor Prefix(params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        return shape.LengthElements <= LengthElements
            ? this with { Shape = shape }
            : throw new ArgumentException($"{shape} is larger than {Shape}", nameof(extents));
    }

    /// <summary>Copies every element to the device; the count must match exactly.</summary>
    public void Upload<T>(ReadOnlySpan<T> source)
        where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(source);
        if (bytes.Length != LengthBytes)
        {
            throw new ArgumentException($"{bytes.Length} bytes for a tensor {Shape} of {LengthBytes}", nameof(source));
        }

        Buffer.Upload(bytes, OffsetBytes);
    }

    /// <summary>Waits for the device and copies every element to the host; the count must match exactly.</summary>
    public void Download<T>(Span<T> destination)
        where T : unmanaged
    {
        Span<byte> bytes = MemoryMarshal.AsBytes(destination);
        if (bytes.Length != LengthBytes)
        {
            throw new ArgumentException($"{bytes.Length} bytes for a tensor {Shape} of {LengthBytes}", nameof(destination));
        }

        Buffer.Download(bytes, OffsetBytes);
    }

    /// <summary>Downloads into a new array.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        var result = new T[LengthElements];
        Download<T>(result);
        return result;
    }

    /// <summary>Element type and shape, as error messages show them.</summary>
    public override string ToString() => $"{Shape} {Type}";
}
