using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Backend;

/// <summary>
/// Page-locked memory through which everything goes up, in queue order: the source may change as soon as the call
/// returns, and the call waits only when the ring is full of copies that the device has not made yet. So a large file
/// streams: one part is read while others are on their way.
/// </summary>
internal sealed unsafe class UploadRing : IDisposable
{
    private const int SlotBytes = 4 << 20;
    private const int SlotCount = 4;

    private readonly CudaStream _stream;
    private readonly PinnedMemoryHandle _memory;
    private readonly EventHandle[] _copied = new EventHandle[SlotCount];
    private int _slot;
    private int _usedBytes;
    private bool _wrapped;

    public UploadRing(CudaStream stream)
    {
        _stream = stream;
        _memory = new PinnedMemoryHandle(stream.Context, (long)SlotBytes * SlotCount);
        try
        {
            for (int i = 0; i < SlotCount; i++)
            {
                _copied[i] = new EventHandle(stream.Context, timed: false);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Copies to an address of the device.</summary>
    public void Upload(ulong address, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            if (_usedBytes >= SlotBytes)
            {
                NextSlot();
            }

            int count = Math.Min(source.Length, SlotBytes - _usedBytes);
            byte* staged = (byte*)_memory.Value + ((long)_slot * SlotBytes) + _usedBytes;
            source[..count].CopyTo(new Span<byte>(staged, count));
            _stream.Check(_stream.Driver.cuMemcpyHtoDAsync_v2(address, staged, (nuint)count, _stream.Value));
            _usedBytes += (count + 63) & ~63;
            address += (ulong)count;
            source = source[count..];
        }
    }

    public void Dispose()
    {
        foreach (EventHandle? mark in _copied)
        {
            mark?.Dispose();
        }

        _memory.Dispose();
    }

    private void NextSlot()
    {
        _stream.Record(_copied[_slot]);
        _slot = (_slot + 1) % SlotCount;
        _wrapped |= _slot == 0;
        _usedBytes = 0;
        if (_wrapped)
        {
            _stream.WaitFor(_copied[_slot]);
        }
    }
}
