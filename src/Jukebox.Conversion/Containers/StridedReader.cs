using System.Runtime.InteropServices;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// Gathers the elements of a strided view in row-major order. The part of the file that the view touches is held in
/// memory where that is no more than a few times the tensor; otherwise a window of it is.
/// </summary>
internal sealed unsafe class StridedReader : IDisposable
{
    private const long WindowBytes = 1 << 16;
    private const long SpareBytes = 64 << 20;
    private readonly SourceTensor _source;
    private readonly long[] _index;
    private readonly long _spanBytes;
    private readonly long _windowLimitBytes;
    private readonly byte* _window;
    private long _windowStart;
    private long _windowLength;
    private long _element;

    public StridedReader(SourceTensor source)
    {
        _source = source;
        _index = new long[source.Sizes.Count];
        _spanBytes = source.SpanElements * source.ElementBytes;
        long tensorBytes = source.LengthElements * source.ElementBytes;
        _windowLimitBytes = _spanBytes <= tensorBytes + SpareBytes ? _spanBytes : WindowBytes;
        _window = (byte*)NativeMemory.Alloc((nuint)_windowLimitBytes);
    }

    /// <summary>The next elements, as many as the span holds.</summary>
    public void Read(Span<byte> destination)
    {
        switch (_source.ElementBytes)
        {
            case 2:
                Gather(MemoryMarshal.Cast<byte, ushort>(destination));
                break;
            case 4:
                Gather(MemoryMarshal.Cast<byte, uint>(destination));
                break;
            default:
                Gather(MemoryMarshal.Cast<byte, ulong>(destination));
                break;
        }
    }

    public void Dispose() => NativeMemory.Free(_window);

    private void Gather<T>(Span<T> destination)
        where T : unmanaged
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = *(T*)At(_element * sizeof(T));
            Advance();
        }
    }

    private byte* At(long offsetBytes)
    {
        if (offsetBytes < _windowStart || offsetBytes >= _windowStart + _windowLength)
        {
            // Windows start at multiples of their length, which is one of every element's.
            _windowStart = offsetBytes / _windowLimitBytes * _windowLimitBytes;
            _windowLength = Math.Min(_windowLimitBytes, _spanBytes - _windowStart);
            long done = 0;
            while (done < _windowLength)
            {
                int piece = (int)Math.Min(1 << 24, _windowLength - done);
                _source.File.Read(_source.OffsetBytes + _windowStart + done, new Span<byte>(_window + done, piece));
                done += piece;
            }
        }

        return _window + (offsetBytes - _windowStart);
    }

    private void Advance()
    {
        for (int axis = _index.Length - 1; axis >= 0; axis--)
        {
            _element += _source.Strides[axis];
            if (++_index[axis] < _source.Sizes[axis])
            {
                return;
            }

            _element -= _source.Strides[axis] * _source.Sizes[axis];
            _index[axis] = 0;
        }
    }
}
