using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Checking;

/// <summary>
/// Who touched which global memory in one launch, to find blocks that race. A pair of bytes is the unit; accesses of single bytes are not
/// followed. A block counts as ordered behind those that passed a fence before they updated atomically what it updates too, as the last block
/// of a reduction does.
/// </summary>
internal sealed unsafe class GlobalShadow(ulong arenaStart, long arenaBytes) : IDisposable
{
    public const int UnitBytes = 2;

    private const uint Several = uint.MaxValue, AtomicBit = 1u << 31;

    private readonly ReservedMemory _entries = new(arenaBytes / UnitBytes * sizeof(Entry));
    private readonly Dictionary<ulong, HashSet<uint>> _atomics = [];
    private readonly List<HashSet<uint>> _met = [];
    private ulong _lowest = ulong.MaxValue;
    private ulong _highest;
    private uint _block;
    private bool _isFenced;

    /// <summary>The blocks that touched a unit, from 1; 0 for none.</summary>
    private struct Entry
    {
        public uint Writer;
        public uint Reader;
    }

    public void BeginLaunch()
    {
        if (_lowest < _highest)
        {
            long start = (long)(_lowest - arenaStart) / UnitBytes * sizeof(Entry), end = (long)(_highest - arenaStart) / UnitBytes * sizeof(Entry);
            new Span<Entry>(_entries.Pointer + start, (int)Math.Min(int.MaxValue, (end - start) / sizeof(Entry))).Clear();
        }

        (_lowest, _highest) = (ulong.MaxValue, 0);
        _atomics.Clear();
        BeginBlock(0);
    }

    public void BeginBlock(long block)
    {
        _block = (uint)block + 1;
        _met.Clear();
        _isFenced = false;
    }

    /// <summary>The block passed a fence that holds for the whole device.</summary>
    public void Fence() => _isFenced = true;

    /// <summary>Notes one access; what it races with, or null.</summary>
    public string? Note(ulong address, int lengthBytes, AccessKind kind)
    {
        if (kind == AccessKind.Atomic)
        {
            Meet(address);
        }

        if (lengthBytes < UnitBytes)
        {
            return null;
        }

        _lowest = Math.Min(_lowest, address);
        _highest = Math.Max(_highest, address + (ulong)lengthBytes);
        var entry = (Entry*)_entries.Pointer + ((address - arenaStart) / UnitBytes);
        string? race = null;
        for (int unit = 0; unit < lengthBytes / UnitBytes; unit++, entry++)
        {
            race ??= Race(entry, kind);
            switch (kind)
            {
                case AccessKind.Load:
                    entry->Reader = entry->Reader == 0 || entry->Reader == _block ? _block : Several;
                    break;
                case AccessKind.Store:
                    entry->Writer = _block;
                    break;
                default:
                    entry->Writer = _block | AtomicBit;
                    break;
            }
        }

        return race;
    }

    public void Dispose() => _entries.Dispose();

    private string? Race(Entry* entry, AccessKind kind)
    {
        uint writer = entry->Writer & ~AtomicBit;
        bool isWrittenElsewhere = writer != 0 && writer != _block && !HasMet(writer);
        bool isAtomic = (entry->Writer & AtomicBit) != 0;
        if (isWrittenElsewhere && !isAtomic)
        {
            return $"block number {writer - 1} of the same launch writes there too";
        }

        if (kind != AccessKind.Store)
        {
            return null;
        }

        if (isWrittenElsewhere)
        {
            return $"block number {writer - 1} of the same launch updates it atomically";
        }

        bool isReadElsewhere = entry->Reader != 0 && entry->Reader != _block && _met.Count == 0;
        return isReadElsewhere ? $"{(entry->Reader == Several ? "other blocks" : $"block number {entry->Reader - 1}")} of the same launch read it" : null;
    }

    private void Meet(ulong address)
    {
        if (!_atomics.TryGetValue(address, out HashSet<uint>? blocks))
        {
            blocks = [];
            _atomics[address] = blocks;
        }

        if (!_met.Contains(blocks))
        {
            _met.Add(blocks);
        }

        if (_isFenced)
        {
            blocks.Add(_block);
        }
    }

    private bool HasMet(uint block) => _met.Exists(blocks => blocks.Contains(block));
}
