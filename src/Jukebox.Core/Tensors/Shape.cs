namespace Jukebox.Core.Tensors;

/// <summary>How one element of a tensor is stored.</summary>
public enum ElementType
{
    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of an IEEE single: eight exponent bits, seven of mantissa.</summary>
    BF16,

    /// <summary>Signed 32-bit integer: codes, tokens, positions.</summary>
    I32,

    /// <summary>Signed 64-bit integer: codes and labels in files; no device computes with it.</summary>
    I64,

    /// <summary>IEEE double precision: times in files; no device computes with it.</summary>
    F64,
}

/// <summary>Sizes of element types.</summary>
public static class ElementTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int LengthBytes(this ElementType type) => type switch
    {
        ElementType.F32 or ElementType.I32 => 4,
        ElementType.F16 or ElementType.BF16 => 2,
        ElementType.I64 or ElementType.F64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "unknown element type"),
    };
}

/// <summary>One to four extents, slowest first. Row-major everywhere.</summary>
public readonly struct Shape : IEquatable<Shape>
{
    private readonly int _extent0, _extent1, _extent2, _extent3;

    /// <summary>Makes a shape of the given extents; each must be at least zero.</summary>
    public Shape(params ReadOnlySpan<int> extents)
    {
        if (extents.Length is < 1 or > 4)
        {
            throw new ArgumentException($"a shape has one to four extents, not {extents.Length}", nameof(extents));
        }

        foreach (int extent in extents)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent);
        }

        Rank = extents.Length;
        _extent0 = extents[0];
        _extent1 = Rank > 1 ? extents[1] : 1;
        _extent2 = Rank > 2 ? extents[2] : 1;
        _extent3 = Rank > 3 ? extents[3] : 1;
    }

    /// <summary>Number of extents.</summary>
    public int Rank { get; }

    /// <summary>Extent of an axis; negative axes count from the last.</summary>
    public int this[int axis] => (axis < 0 ? axis + Rank : axis) switch
    {
        0 => _extent0,
        1 when Rank > 1 => _extent1,
        2 when Rank > 2 => _extent2,
        3 when Rank > 3 => _extent3,
        _ => throw new ArgumentOutOfRangeException(nameof(axis), axis, $"the shape is {this}"),
    };

    /// <summary>Product of the extents.</summary>
    public long LengthElements => Rank == 0 ? 0 : (long)_extent0 * _extent1 * _extent2 * _extent3;

    /// <summary>Product of all extents but the last: the rows of (R, C).</summary>
    public int RowCount => this[-1] == 0 ? 0 : checked((int)(LengthElements / this[-1]));

    /// <inheritdoc/>
    public bool Equals(Shape other) =>
        Rank == other.Rank && _extent0 == other._extent0 && _extent1 == other._extent1
        && _extent2 == other._extent2 && _extent3 == other._extent3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Rank, _extent0, _extent1, _extent2, _extent3);

    /// <summary>The extents in parentheses: <c>(2, 64, 32)</c>.</summary>
    public override string ToString() => Rank switch
    {
        0 => "()",
        1 => $"({_extent0})",
        2 => $"({_extent0}, {_extent1})",
        3 => $"({_extent0}, {_extent1}, {_extent2})",
        _ => $"({_extent0}, {_extent1}, {_extent2}, {_extent3})",
    };

    /// <summary>Equal rank and extents.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Different rank or extents.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);
}
