using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Checking;

/// <summary>Which warps of a block touched which global memory since its last barrier. A pair of bytes is the unit, as in <see cref="GlobalShadow"/>.</summary>
internal sealed unsafe class IntervalShadow(ulong arenaStart, long arenaBytes) : IDisposable
{
    private const int UnitBytes = GlobalShadow.UnitBytes;

    private readonly ReservedMemory _entries = new(arenaBytes / UnitBytes * sizeof(IntervalEntry));

    /// <summary>Notes one lane's access; what it races with, or null.</summary>
    public WarpRace? Note(WarpOrder order, int warp, int instruction, ulong address, int lengthBytes, AccessKind kind)
    {
        WarpRace? race = null;
        var entry = (IntervalEntry*)_entries.Pointer + ((address - arenaStart) / UnitBytes);
        for (int unit = 0; unit < lengthBytes / UnitBytes; unit++, entry++)
        {
            WarpRace? found = entry->Note(order, warp, instruction, kind);
            race ??= found;
        }

        return race;
    }

    public void Dispose() => _entries.Dispose();
}
