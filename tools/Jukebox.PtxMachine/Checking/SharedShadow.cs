using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Checking;

/// <summary>What a shared access did wrong.</summary>
internal readonly record struct SharedConflict(FindingKind Kind, int OtherInstruction, string What, bool IsWithAtomic = false);

/// <summary>
/// Every byte of a block's shared memory: whether it was written, by whom and who read it since the last barrier of the whole block, and
/// whether an asynchronous copy to it is under way.
/// </summary>
internal sealed class SharedShadow(WarpOrder order)
{
    private Entry[] _bytes = [];
    private readonly List<Pending>[] _pending = [.. Enumerable.Range(0, Lanes.Count).Select(_ => new List<Pending>())];
    private readonly int[] _committed = new int[Lanes.Count];

    private struct Entry
    {
        public bool IsWritten;
        public byte Copier; // a warp, from 1; 0 is none
        public int CopyInstruction;
        public IntervalEntry Interval;
    }

    private readonly record struct Pending(int Group, uint Offset, int LengthBytes, int Instruction);

    public void BeginBlock(int sharedBytes)
    {
        if (_bytes.Length < sharedBytes)
        {
            _bytes = new Entry[sharedBytes];
        }

        Array.Clear(_bytes, 0, sharedBytes);
        Array.Clear(_committed);
        Array.ForEach(_pending, list => list.Clear());
    }

    /// <summary>Notes one lane's access; what is wrong with it, or null.</summary>
    public SharedConflict? Note(int warp, int instruction, uint offset, int lengthBytes, AccessKind kind)
    {
        SharedConflict? conflict = null;
        for (uint at = offset; at < offset + (uint)lengthBytes; at++)
        {
            ref Entry entry = ref _bytes[at];
            SharedConflict? contents = ConflictOfContents(in entry, kind);
            WarpRace? race = entry.Interval.Note(order, warp, instruction, kind);
            conflict ??= contents ?? (race is WarpRace other ? new SharedConflict(FindingKind.SharedRace, other.Instruction, other.What, other.Kind == AccessKind.Atomic) : null);
            entry.IsWritten |= kind != AccessKind.Load;
        }

        return conflict;
    }

    /// <summary>Whether all of these bytes were written in this block.</summary>
    public bool IsWritten(uint offset, int lengthBytes)
    {
        foreach (ref readonly Entry entry in _bytes.AsSpan((int)offset, lengthBytes))
        {
            if (!entry.IsWritten)
            {
                return false;
            }
        }

        return true;
    }

    public void BeginCopy(int warp, int instruction, uint offset, int lengthBytes)
    {
        _pending[warp].Add(new Pending(_committed[warp], offset, lengthBytes, instruction));
        foreach (ref Entry entry in _bytes.AsSpan((int)offset, lengthBytes))
        {
            entry.Copier = (byte)(warp + 1);
            entry.CopyInstruction = instruction;
        }
    }

    public void Commit(int warp) => _committed[warp]++;

    /// <summary>Copies of all but the newest <paramref name="pendingGroups"/> groups have arrived, as writes of now; −1 for all copies.</summary>
    public void Await(int warp, int pendingGroups)
    {
        int newest = pendingGroups < 0 ? int.MaxValue : _committed[warp] - pendingGroups - 1;
        foreach (Pending copy in _pending[warp].Where(copy => copy.Group <= newest))
        {
            foreach (ref Entry entry in _bytes.AsSpan((int)copy.Offset, copy.LengthBytes))
            {
                entry.Copier = 0;
                _ = entry.Interval.Note(order, warp, copy.Instruction, AccessKind.Store);
            }
        }

        _pending[warp].RemoveAll(copy => copy.Group <= newest);
    }

    private static SharedConflict? ConflictOfContents(in Entry entry, AccessKind kind)
    {
        if (entry.Copier != 0)
        {
            return new SharedConflict(FindingKind.AsyncCopyNotAwaited, entry.CopyInstruction, $"warp {entry.Copier - 1} has an asynchronous copy to it under way, begun");
        }

        bool isUnwritten = kind != AccessKind.Store && !entry.IsWritten;
        return isUnwritten ? new SharedConflict(FindingKind.UninitialisedShared, -1, string.Empty) : null;
    }
}
