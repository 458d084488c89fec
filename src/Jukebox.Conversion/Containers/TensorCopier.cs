using System.Runtime.InteropServices;
using Jukebox.Core.Tensors;

namespace Jukebox.Conversion.Containers;

/// <summary>What became of a tensor's values.</summary>
/// <param name="NonFinite">How many were no finite numbers to begin with.</param>
/// <param name="Overflows">How many were, and are infinite in the target type.</param>
internal readonly record struct CopiedValues(long NonFinite, long Overflows);

/// <summary>
/// Streams tensors from a source to a writer, a chunk at a time, converted to another element type on the way.
/// Conversion rounds to nearest, ties to even.
/// </summary>
/// <param name="sink">Takes the converted bytes, in order.</param>
/// <param name="progressed">Told the bytes of each chunk.</param>
/// <param name="cancellation">Stops between chunks.</param>
internal sealed class TensorCopier(Action<ReadOnlySpan<byte>> sink, Action<long> progressed, CancellationToken cancellation)
{
    private const int ChunkElements = 1 << 20;
    private readonly byte[] _raw = new byte[ChunkElements * sizeof(double)];
    private readonly byte[] _converted = new byte[ChunkElements * sizeof(float)];

    /// <summary>Copies all elements in row-major order of the view.</summary>
    public CopiedValues Copy(SourceTensor source, ElementType target)
    {
        using StridedReader? reader = source.IsContiguous ? null : new StridedReader(source);
        long overflows = 0, nonFinite = 0;
        for (long start = 0; start < source.LengthElements; start += ChunkElements)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = (int)Math.Min(ChunkElements, source.LengthElements - start);
            Span<byte> raw = _raw.AsSpan(0, count * source.ElementBytes);
            if (reader is null)
            {
                source.File.Read(source.OffsetBytes + (start * source.ElementBytes), raw);
            }
            else
            {
                reader.Read(raw);
            }

            nonFinite += FiniteCheck.CountNonFinite(raw, source.Element);
            overflows += Emit(raw, source.Element, count, target);
            progressed(raw.Length);
        }

        return new CopiedValues(nonFinite, overflows);
    }

    /// <summary>The same bits in the same type are passed on untouched.</summary>
    private long Emit(ReadOnlySpan<byte> raw, SourceElement element, int count, ElementType target)
    {
        bool same = (element, target) is (SourceElement.F32, ElementType.F32) or (SourceElement.F16, ElementType.F16) or (SourceElement.BF16, ElementType.BF16);
        if (same)
        {
            sink(raw);
            return 0;
        }

        Span<byte> converted = _converted.AsSpan(0, count * target.LengthBytes());
        long overflows = element switch
        {
            SourceElement.F64 => ElementConversion.FromDoubles(MemoryMarshal.Cast<byte, double>(raw), converted, target),
            SourceElement.F32 => ElementConversion.FromSingles(MemoryMarshal.Cast<byte, float>(raw), converted, target),
            SourceElement.F16 => ElementConversion.FromHalves(MemoryMarshal.Cast<byte, Half>(raw), converted, target),
            _ => ElementConversion.FromBrains(MemoryMarshal.Cast<byte, ushort>(raw), converted, target),
        };
        sink(converted);
        return overflows;
    }
}
