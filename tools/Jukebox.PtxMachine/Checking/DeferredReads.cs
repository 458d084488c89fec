namespace Jukebox.PtxMachine.Checking;

/// <summary>Reads of which only what follows in the barrier interval tells whether they are wrong.</summary>
internal sealed class DeferredReads(SharedShadow shared, FindingLog log)
{
    private readonly List<Unwritten> _unwritten = [];
    private readonly Dictionary<(int Warp, ulong Address), BesideAtomic> _besideAtomics = [];

    private readonly record struct Unwritten(int Instruction, int Thread, uint Offset, int LengthBytes);

    private readonly record struct BesideAtomic(FindingKind Kind, int Instruction, int Thread, string What);

    /// <summary>A read of shared memory that nothing has written so far: a race, found at the write, if another warp does so before the next barrier.</summary>
    public void AddUnwritten(int instruction, int thread, uint offset, int lengthBytes) =>
        _unwritten.Add(new Unwritten(instruction, thread, offset, lengthBytes));

    /// <summary>A plain read of what another warp updates atomically: no race if the reader does so too, as a loop of compare-and-swap does.</summary>
    public void AddBesideAtomic(int warp, FindingKind kind, int instruction, int thread, ulong address, string what) =>
        _besideAtomics.TryAdd((warp, address), new BesideAtomic(kind, instruction, thread, what));

    public void Update(int warp, ulong address) => _besideAtomics.Remove((warp, address));

    /// <summary>The end of a barrier interval: what is wrong is reported.</summary>
    public void Finish()
    {
        foreach (Unwritten read in _unwritten)
        {
            if (!shared.IsWritten(read.Offset, read.LengthBytes))
            {
                log.Add(FindingKind.UninitialisedShared, read.Instruction, read.Thread, read.Offset, $"reads {read.LengthBytes} bytes of shared memory at {read.Offset}, where nothing was written in this block");
            }
        }

        foreach (((_, ulong address), BesideAtomic read) in _besideAtomics)
        {
            log.Add(read.Kind, read.Instruction, read.Thread, address, read.What);
        }

        _unwritten.Clear();
        _besideAtomics.Clear();
    }
}
