using Jukebox.Core.Tensors;

namespace Jukebox.Core.Files;

/// <summary>
/// One tensor of an open <see cref="WeightFile"/>: a view of the mapped bytes, valid while the file is open.
/// </summary>
/// <param name="File">The open file.</param>
/// <param name="Name">Name within the file.</param>
/// <param name="Type">Storage of one element.</param>
/// <param name="Shape">Extents.</param>
/// <param name="OffsetBytes">Where the data starts, from the start of the file.</param>
public sealed record StoredTensor(WeightFile File, string Name, ElementType Type, Shape Shape, long OffsetBytes)
{
    /// <summary>Bytes of data.</summary>
    public long LengthBytes => Shape.LengthElements * Type.LengthBytes();

    /// <summary>Address of the first byte in the mapping; valid while the file is open.</summary>
    public unsafe byte* Pointer => File.Base + OffsetBytes;

    /// <summary>Copies the data into an array; the element size must be that of the stored type.</summary>
    public unsafe T[] Read<T>()
        where T : unmanaged
    {
        if (sizeof(T) != Type.LengthBytes())
        {
            throw new InvalidOperationException($"tensor '{Name}' stores {Type}, not {typeof(T).Name}");
        }

        var result = new T[Shape.LengthElements];
        new ReadOnlySpan<T>(Pointer, result.Length).CopyTo(result);
        return result;
    }

    /// <summary>Copies the data into an array of singles, widening half and bfloat16.</summary>
    public unsafe float[] ReadSingles()
    {
        var result = new float[Shape.LengthElements];
        switch (Type)
        {
            case ElementType.F32:
                new ReadOnlySpan<float>(Pointer, result.Length).CopyTo(result);
                break;
            case ElementType.F16:
                var halves = new ReadOnlySpan<Half>(Pointer, result.Length);
                for (int i = 0; i < result.Length; i++)
                {
                    result[i] = (float)halves[i];
                }

                break;
            case ElementType.BF16:
                var source = new ReadOnlySpan<ushort>(Pointer, result.Length);
                for (int i = 0; i < result.Length; i++)
                {
                    result[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
                }

                break;
            default:
                throw new InvalidOperationException($"tensor '{Name}' stores {Type}, not a floating-point type");
        }

        return result;
    }
}
