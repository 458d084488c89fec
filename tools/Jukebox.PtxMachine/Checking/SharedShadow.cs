using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Checking;

/// <summary>What a shared access did wrong.</summary>
internal readonly record struct SharedConflict(FindingKind Kind, int OtherInstruction, string What);

/// <summary>
/// Every byte of a block's shared memory: whether it was written, by whom and who read it since the last barrier of the whole block, and
/// whether an asynchronous copy to it is under way. A barrier of some warps only counts as ordering those among each other.
/// </summary>
internal sealed class SharedShadow
{
    private Entry[] _bytes = [];
    private readonly uint[] _partners = new uint[Lanes.Count];
    private readonly List<Pending>[] _pending = [.. Enumerable.Range(0, Lanes.Count).Select(_ => new List<Pending>())];
    private readonly int[] _committed = new int[Lanes.Count];
    private int _interval;
    private int _warps;

    /// <summary>Warps are numbered from 1; 0 is none.</summary>
    private struct Entry
    {
        public bool IsWritten;
        public bool IsAtomic;
        public byte Writer;
        public byte Copier;
        public int Interval;
        public uint Readers;
        public int Instruction;
        public int ReadInstruction;
    }

    private readonly record struct Pending(int Group, uint Offset, int LengthBytes, int Instruction);

    public void BeginBlock(int sharedBytes, int warps)
    {
        if (_bytes.Length < sharedBytes)
        {
            _bytes = new Entry[sharedBytes];
        }

        Array.Clear(_bytes, 0, sharedBytes);
        Array.Clear(_partners);
        Array.Clear(_committed);
        Array.ForEach(_pending, list => list.Clear());
        _interval = 1;
        _warps = warps;
    }

    /// <summary>Warps that met at a barrier; <paramref name="running"/> are those that could have.</summary>
    public void Synchronize(uint met, uint running)
    {
        if (met == running)
        {
            _interval++;
            Array.Clear(_partners);
            return;
        }

        for (int warp = 0; warp < _warps; warp++)
        {
            _partners[warp] |= ((met >> warp) & 1) == 0 ? 0 : met;
        }
    }

    /// <summary>Notes one lane's access; what is wrong with it, or null.</summary>
    public SharedConflict? Note(int warp, int instruction, uint offset, int lengthBytes, AccessKind kind)
    {
        SharedConflict? conflict = null;
        for (uint at = offset; at < offset + (uint)lengthBytes; at++)
        {
            ref Entry entry = ref _bytes[at];
            if (entry.Interval != _interval)
            {
                entry.Interval = _interval;
                entry.Writer = 0;
                entry.Readers = 0;
            }

            conflict ??= Conflict(ref entry, warp, kind);
            if (kind == AccessKind.Load)
            {
                entry.Readers |= 1u << warp;
                entry.ReadInstruction = instruction;
            }
            else
            {
                entry.IsWritten = true;
                entry.IsAtomic = kind == AccessKind.Atomic;
                entry.Writer = (byte)(warp + 1);
                entry.Instruction = instruction;
            }
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
        for (uint at = offset; at < offset + (uint)lengthBytes; at++)
        {
            _bytes[at].Copier = (byte)(warp + 1);
        }
    }

    public void Commit(int warp) => _committed[warp]++;

    /// <summary>Copies of all but the newest <paramref name="pendingGroups"/> groups have arrived, as writes of now; −1 for all copies.</summary>
    public void Await(int warp, int pendingGroups)
    {
        int newest = pendingGroups < 0 ? int.MaxValue : _committed[warp] - pendingGroups - 1;
        foreach (Pending copy in _pending[warp].Where(copy => copy.Group <= newest))
        {
            for (uint at = copy.Offset; at < copy.Offset + (uint)copy.LengthBytes; at++)
            {
                ref Entry entry = ref _bytes[at];
                entry.Copier = 0;
                entry.Readers = entry.Interval == _interval ? entry.Readers : 0;
                entry.Interval = _interval;
                entry.Writer = (byte)(warp + 1);
                entry.IsAtomic = false;
                entry.Instruction = copy.Instruction;
            }
        }

        _pending[warp].RemoveAll(copy => copy.Group <= newest);
    }

    private SharedConflict? Conflict(ref Entry entry, int warp, AccessKind kind)
    {
        if (entry.Copier != 0)
        {
            return new SharedConflict(FindingKind.AsyncCopyNotAwaited, entry.Instruction, $"warp {entry.Copier - 1} has an asynchronous copy to it under way, begun");
        }

        if (kind != AccessKind.Store && !entry.IsWritten)
        {
            return new SharedConflict(FindingKind.UninitialisedShared, -1, string.Empty);
        }

        uint others = ~((1u << warp) | _partners[warp]);
        bool bothAtomic = kind == AccessKind.Atomic && entry.IsAtomic;
        if (entry.Writer != 0 && (others >> (entry.Writer - 1) & 1) != 0 && !bothAtomic)
        {
            return new SharedConflict(FindingKind.SharedRace, entry.Instruction, $"warp {entry.Writer - 1} writes it in the same barrier interval,");
        }

        if (kind != AccessKind.Load && (entry.Readers & others) != 0)
        {
            int reader = System.Numerics.BitOperations.TrailingZeroCount(entry.Readers & others);
            return new SharedConflict(FindingKind.SharedRace, entry.ReadInstruction, $"warp {reader} reads it in the same barrier interval,");
        }

        return null;
    }
}
