using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine;

/// <summary>
/// The memory of a device: one arena of reserved address space. Device addresses are addresses in it, so the host may read and write
/// through <see cref="Pointer"/>; <see cref="Write"/>, <see cref="Fill"/> and <see cref="Copy"/> also keep the books of the check mode.
/// Safe to use from several threads.
/// </summary>
public sealed unsafe class DeviceMemory : IDisposable
{
    /// <summary>Frees of this length give their pages back.</summary>
    private const long DiscardFromBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly ReservedMemory _arena;
    private readonly AllocationMap _map;
    private readonly List<Allocation> _freed = [];
    private ReservedMemory? _written;
    private long _allocatedBytes;

    /// <summary>Reserves address space; memory is used only where it is touched.</summary>
    public DeviceMemory(long capacityBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacityBytes);
        CapacityBytes = capacityBytes;

        // Guards between allocations must not eat into what was promised.
        _arena = new ReservedMemory(capacityBytes + (capacityBytes / 4) + (64L << 20));
        _map = new AllocationMap(BaseAddress + 4096, _arena.LengthBytes - 8192);
    }

    /// <summary>Bytes that may be allocated in all.</summary>
    public long CapacityBytes { get; }

    public long AllocatedBytes => Volatile.Read(ref _allocatedBytes);

    public long FreeBytes => CapacityBytes - AllocatedBytes;

    /// <summary>Whether every byte's having been written is known: once a machine in check mode uses this memory.</summary>
    public bool IsTracked => _written is not null;

    internal ulong BaseAddress => (ulong)_arena.Pointer;

    internal long ArenaBytes => _arena.LengthBytes;

    /// <summary>One byte for each of the arena's, nonzero where it was written; null when untracked.</summary>
    internal byte* WrittenMap => _written is null ? null : _written.Pointer;

    /// <summary>Reserves bytes, aligned to 256; their contents are undefined.</summary>
    /// <exception cref="OutOfDeviceMemoryException">They do not fit.</exception>
    public ulong Allocate(long lengthBytes) => Allocate(lengthBytes, false, null);

    /// <summary>Frees an allocation by its first address.</summary>
    /// <exception cref="ArgumentException">No live allocation begins there.</exception>
    public void Free(ulong address)
    {
        lock (_lock)
        {
            Allocation allocation = _map.Find(address) is Allocation found && found.Start == address
                ? found
                : throw new ArgumentException($"no live allocation begins at 0x{address:x}", nameof(address));
            _map.Remove(allocation);
            _allocatedBytes -= allocation.LengthBytes;
            if (IsTracked)
            {
                _freed.Add(allocation);
                _written!.Discard((long)(address - BaseAddress), allocation.LengthBytes);
            }

            if (allocation.LengthBytes >= DiscardFromBytes)
            {
                _arena.Discard((long)(address - BaseAddress), allocation.LengthBytes);
            }
        }
    }

    /// <summary>The host's view of bytes that must lie within one live allocation.</summary>
    /// <exception cref="ArgumentException">They do not.</exception>
    public byte* Pointer(ulong address, long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(lengthBytes);
        lock (_lock)
        {
            Allocation? allocation = _map.Below(address);
            return allocation is not null && allocation.Contains(address, lengthBytes)
                ? (byte*)address
                : throw new ArgumentException($"{lengthBytes} bytes at 0x{address:x} lie in no live allocation", nameof(address));
        }
    }

    /// <summary>The live allocation that holds an address.</summary>
    public bool TryFind(ulong address, out ulong start, out long lengthBytes)
    {
        Allocation? allocation = Find(address);
        start = allocation?.Start ?? 0;
        lengthBytes = allocation?.LengthBytes ?? 0;
        return allocation is not null;
    }

    /// <summary>Copies from the host.</summary>
    public void Write(ulong address, ReadOnlySpan<byte> source)
    {
        source.CopyTo(new Span<byte>(Pointer(address, source.Length), source.Length));
        MarkWritten(address, source.Length);
    }

    /// <summary>Copies to the host.</summary>
    public void Read(ulong address, Span<byte> destination) =>
        new ReadOnlySpan<byte>(Pointer(address, destination.Length), destination.Length).CopyTo(destination);

    /// <summary>Sets bytes.</summary>
    public void Fill(ulong address, long lengthBytes, byte value)
    {
        NativeMemory.Fill(Pointer(address, lengthBytes), (nuint)lengthBytes, value);
        MarkWritten(address, lengthBytes);
    }

    /// <summary>Copies within the device; what was never written stays so at its new place.</summary>
    public void Copy(ulong destination, ulong source, long lengthBytes)
    {
        Buffer.MemoryCopy(Pointer(source, lengthBytes), Pointer(destination, lengthBytes), lengthBytes, lengthBytes);
        if (IsTracked)
        {
            Buffer.MemoryCopy(WrittenMap + (source - BaseAddress), WrittenMap + (destination - BaseAddress), lengthBytes, lengthBytes);
        }
    }

    /// <summary>Says that the host wrote bytes through <see cref="Pointer"/>.</summary>
    public void MarkWritten(ulong address, long lengthBytes)
    {
        if (IsTracked)
        {
            NativeMemory.Fill(WrittenMap + (address - BaseAddress), (nuint)lengthBytes, 1);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _arena.Dispose();
        _written?.Dispose();
    }

    internal ulong Allocate(long lengthBytes, bool isReadOnly, string? name)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        lock (_lock)
        {
            ulong address = lengthBytes <= FreeBytes ? _map.FindRoom(lengthBytes) : 0;
            if (address == 0)
            {
                throw new OutOfDeviceMemoryException(lengthBytes, FreeBytes, CapacityBytes);
            }

            _map.Add(new Allocation(address, lengthBytes, isReadOnly, name));
            _allocatedBytes += lengthBytes;
            if (IsTracked)
            {
                _freed.RemoveAll(freed => freed.Start < address + (ulong)lengthBytes && address < freed.End);
                NativeMemory.Clear(WrittenMap + (address - BaseAddress), (nuint)lengthBytes);
            }

            return address;
        }
    }

    internal Allocation? Find(ulong address)
    {
        lock (_lock)
        {
            return _map.Find(address);
        }
    }

    /// <summary>The newest freed allocation that held an address and whose place is not taken again, or null.</summary>
    internal Allocation? FindFreed(ulong address)
    {
        lock (_lock)
        {
            return _freed.FindLast(freed => freed.Contains(address, 1));
        }
    }

    /// <summary>The live allocation that begins nearest at or below an address, or null.</summary>
    internal Allocation? Below(ulong address)
    {
        lock (_lock)
        {
            return _map.Below(address);
        }
    }

    /// <summary>Starts to keep books of what is written; everything that lives now counts as written.</summary>
    internal void Track()
    {
        lock (_lock)
        {
            if (_written is not null)
            {
                return;
            }

            _written = new ReservedMemory(_arena.LengthBytes);
            _map.AvoidsReuse = true;
            _map.GuardBytes = 4096;
            MarkAllWritten();
        }
    }

    /// <summary>Says that everything that lives was written: after a launch whose stores nobody noted.</summary>
    internal void MarkAllWritten()
    {
        lock (_lock)
        {
            foreach (Allocation allocation in _map.Live)
            {
                MarkWritten(allocation.Start, allocation.LengthBytes);
            }
        }
    }
}
