namespace Jukebox.PtxMachine.Counting;

/// <summary>Which 32-byte sectors of the arena a launch has touched: a bit each, in memory that costs only where it is used.</summary>
internal sealed unsafe class SectorMap(ulong arenaStart, long arenaBytes) : IDisposable
{
    private const int SectorBytes = 32, PageBytes = 4096;

    private readonly ReservedMemory _bits = new((arenaBytes / SectorBytes / 8) + PageBytes);
    private readonly HashSet<long> _pages = [];
    private long _lastPage = -1;

    /// <summary>Different sectors since the last <see cref="Clear"/>.</summary>
    public long Count { get; private set; }

    /// <summary>Marks the sector that holds an address.</summary>
    public void Touch(ulong address)
    {
        long sector = (long)((address - arenaStart) / SectorBytes);
        byte* bits = _bits.Pointer + (sector >> 3);
        byte bit = (byte)(1 << (int)(sector & 7));
        if ((*bits & bit) != 0)
        {
            return;
        }

        *bits |= bit;
        Count++;
        long page = (sector >> 3) / PageBytes;
        if (page != _lastPage)
        {
            _pages.Add(page);
            _lastPage = page;
        }
    }

    public void Clear()
    {
        foreach (long page in _pages)
        {
            new Span<byte>(_bits.Pointer + (page * PageBytes), PageBytes).Clear();
        }

        _pages.Clear();
        _lastPage = -1;
        Count = 0;
    }

    public void Dispose() => _bits.Dispose();
}
