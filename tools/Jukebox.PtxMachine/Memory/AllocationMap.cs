namespace Jukebox.PtxMachine;

/// <summary>Live allocations in order of address, and where the next one may go.</summary>
internal sealed class AllocationMap
{
    /// <summary>As the driver promises.</summary>
    private const ulong Granularity = 256;

    private readonly List<Allocation> _live = [];
    private readonly ulong _start;
    private readonly ulong _end;
    private ulong _cursor;

    public AllocationMap(ulong start, long capacityBytes)
    {
        _start = start;
        _cursor = start;
        _end = start + (ulong)capacityBytes;
    }

    public IReadOnlyList<Allocation> Live => _live;

    /// <summary>Bytes between allocations that belong to none, so that running past an end does not land in a neighbour.</summary>
    public ulong GuardBytes { get; set; } = Granularity;

    /// <summary>Look for room behind the newest allocation first: what was freed is used again as late as possible.</summary>
    public bool AvoidsReuse { get; set; }

    /// <summary>Where <paramref name="lengthBytes"/> fit; 0 when nowhere.</summary>
    public ulong FindRoom(long lengthBytes)
    {
        ulong room = AvoidsReuse ? FindRoom(lengthBytes, _cursor) : 0;
        return room != 0 ? room : FindRoom(lengthBytes, _start);
    }

    public void Add(Allocation allocation)
    {
        _live.Insert(IndexBehind(allocation.Start), allocation);
        _cursor = allocation.End;
    }

    public void Remove(Allocation allocation) => _live.RemoveAt(IndexBehind(allocation.Start) - 1);

    /// <summary>The allocation that holds an address, or null.</summary>
    public Allocation? Find(ulong address)
    {
        int index = IndexBehind(address) - 1;
        return index >= 0 && _live[index].Contains(address, 1) ? _live[index] : null;
    }

    /// <summary>The live allocation that begins nearest at or below an address, or null.</summary>
    public Allocation? Below(ulong address)
    {
        int index = IndexBehind(address) - 1;
        return index >= 0 ? _live[index] : null;
    }

    private ulong FindRoom(long lengthBytes, ulong from)
    {
        ulong candidate = Align(from);
        for (int i = Math.Max(0, IndexBehind(from) - 1); i < _live.Count; i++)
        {
            if (_live[i].End + GuardBytes <= candidate)
            {
                continue;
            }

            if (_live[i].Start >= candidate + (ulong)lengthBytes + GuardBytes)
            {
                return candidate;
            }

            candidate = Align(_live[i].End + GuardBytes);
        }

        return candidate <= _end && (ulong)lengthBytes <= _end - candidate ? candidate : 0;
    }

    private static ulong Align(ulong address) => (address + Granularity - 1) / Granularity * Granularity;

    /// <summary>How many allocations begin at or below an address.</summary>
    private int IndexBehind(ulong address)
    {
        int low = 0, high = _live.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_live[middle].Start <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}
