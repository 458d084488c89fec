using Jukebox.Core.Tensors;

namespace Jukebox.Conversion.Containers;

/// <summary>Element types that a checkpoint's weights may have.</summary>
public enum SourceElement
{
    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of an IEEE single.</summary>
    BF16,

    /// <summary>IEEE double precision.</summary>
    F64,
}

/// <summary>
/// A tensor of a source file, not yet read: where its data lies and how its elements are strided. Made by a container
/// reader, which has checked that every element lies within the file.
/// </summary>
/// <param name="File">The open file.</param>
/// <param name="Name">Name in the file.</param>
/// <param name="Element">Storage of one element, little-endian.</param>
/// <param name="OffsetBytes">Where element zero lies, from the start of the file.</param>
/// <param name="Sizes">Extents; none for a scalar.</param>
/// <param name="Strides">Elements from one index to the next, per axis; zero repeats.</param>
public sealed record SourceTensor(
    SourceFile File, string Name, SourceElement Element, long OffsetBytes, IReadOnlyList<long> Sizes, IReadOnlyList<long> Strides)
{
    /// <summary>Bytes of one element.</summary>
    public int ElementBytes => Element switch
    {
        SourceElement.F64 => 8,
        SourceElement.F32 => 4,
        _ => 2,
    };

    /// <summary>The type here that holds its values; doubles are rounded.</summary>
    public ElementType NearestType => Element switch
    {
        SourceElement.F16 => ElementType.F16,
        SourceElement.BF16 => ElementType.BF16,
        _ => ElementType.F32,
    };

    /// <summary>Number of elements.</summary>
    public long LengthElements => Sizes.Contains(0) ? 0 : Sizes.Aggregate(1L, (product, size) => checked(product * size));

    /// <summary>Elements from the first to one past the last that are touched; zero for an empty tensor.</summary>
    public long SpanElements => LengthElements == 0
        ? 0
        : Enumerable.Range(0, Sizes.Count).Aggregate(1L, (span, axis) => span + ((Sizes[axis] - 1) * Strides[axis]));

    /// <summary>Whether the file holds fewer elements than the tensor has: some are read several times.</summary>
    public bool IsExpanded => LengthElements > SpanElements;

    /// <summary>Whether the elements lie in row-major order without gaps.</summary>
    public bool IsContiguous
    {
        get
        {
            long expected = 1;
            for (int axis = Sizes.Count - 1; axis >= 0; axis--)
            {
                if (Sizes[axis] != 1 && Strides[axis] != expected)
                {
                    return LengthElements == 0;
                }

                expected *= Sizes[axis];
            }

            return true;
        }
    }

    /// <summary>Whether the extents are those of a shape.</summary>
    public bool HasShape(Shape shape) =>
        Sizes.Count == shape.Rank && Enumerable.Range(0, shape.Rank).All(axis => Sizes[axis] == shape[axis]);

    /// <summary>The extents in parentheses.</summary>
    public string ShapeText => $"({string.Join(", ", Sizes)})";

    /// <summary>The same elements with the axes in another order.</summary>
    public SourceTensor Permute(params ReadOnlySpan<int> axes)
    {
        var sizes = new long[axes.Length];
        var strides = new long[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            sizes[i] = Sizes[axes[i]];
            strides[i] = Strides[axes[i]];
        }

        return this with { Sizes = sizes, Strides = strides };
    }
}
