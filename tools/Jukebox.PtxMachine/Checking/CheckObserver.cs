using System.Numerics;
using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Checking;

/// <summary>Finds what hardware forgives. Accesses that would do harm are taken out; the launch goes on.</summary>
internal sealed unsafe class CheckObserver(KernelProgram program, LaunchGeometry geometry, DeviceMemory memory, Shadows shadows, FindingLog log) : Observer
{
    private readonly byte[] _localWritten = new byte[(long)program.LocalBytes * Lanes.Count * geometry.Warps];
    private readonly DeferredReads _deferred = new(shadows.Shared, log);
    private Allocation? _last;

    public override void OnBlock(long block, byte* sharedMemory, int sharedBytes, int warps)
    {
        Finish();
        log.Block = geometry.Grid.At(block);
        shadows.Order.BeginInterval();
        shadows.Global.BeginBlock(block);
        shadows.Shared.BeginBlock(sharedBytes);
        Array.Clear(_localWritten);
    }

    /// <summary>Reports what waited for the end of a barrier interval.</summary>
    public void Finish() => _deferred.Finish();

    public override uint OnGlobal(Warp* w, Instruction* i, ulong* addresses, int lengthBytes, AccessKind kind, uint mask)
    {
        uint left = mask;
        for (uint lanes = mask; lanes != 0;)
        {
            int lane = Lanes.Take(ref lanes);
            if (!IsAllowed(w, i, lane, addresses[lane], lengthBytes, kind))
            {
                left &= ~(1u << lane);
                continue;
            }

            CheckContents(w, i, lane, addresses[lane], lengthBytes, kind);
        }

        return left;
    }

    public override uint OnConstant(Warp* w, Instruction* i, ulong* addresses, int lengthBytes, uint mask) =>
        OnGlobal(w, i, addresses, lengthBytes, AccessKind.Load, mask);

    public override uint OnShared(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, AccessKind kind, uint mask)
    {
        uint left = mask;
        for (uint lanes = mask; lanes != 0;)
        {
            int lane = Lanes.Take(ref lanes);
            ulong offset = offsets[lane];
            if (!IsAligned(w, i, lane, offset, lengthBytes) || !IsInside(w, i, lane, offset, lengthBytes, w->SharedBytes, "the block's", "shared"))
            {
                left &= ~(1u << lane);
                continue;
            }

            CheckShared(w, i, lane, offset, lengthBytes, kind);
        }

        return left;
    }

    public override uint OnLocal(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, AccessKind kind, uint mask)
    {
        uint left = mask;
        for (uint lanes = mask; lanes != 0;)
        {
            int lane = Lanes.Take(ref lanes);
            ulong offset = offsets[lane];
            if (!IsAligned(w, i, lane, offset, lengthBytes) || !IsInside(w, i, lane, offset, lengthBytes, w->LocalBytes, "the thread's", "local"))
            {
                left &= ~(1u << lane);
                continue;
            }

            Span<byte> written = _localWritten.AsSpan((((w->Index * Lanes.Count) + lane) * (int)w->LocalBytes) + (int)offset, lengthBytes);
            if (kind != AccessKind.Store && written.Contains((byte)0))
            {
                Report(FindingKind.UninitialisedLocal, w, i, lane, offset, $"reads {lengthBytes} bytes of local memory at {offset} that the thread never wrote");
            }

            if (kind != AccessKind.Load)
            {
                written.Fill(1);
            }
        }

        return left;
    }

    public override void OnCollision(Warp* w, Instruction* i, int laneA, int laneB, ulong address) =>
        Report(FindingKind.RaceInWarp, w, i, laneB, address, $"lanes {laneA} and {laneB} of one store write different values to one place");

    public override void OnWarpSync(Warp* w, Instruction* i, uint members)
    {
        uint absent = members & w->Live & ~w->Mask, unnamed = w->Mask & ~members;
        if ((absent | unnamed) != 0)
        {
            string what = absent != 0 ? $"lanes 0x{absent:x8} are named and do not take part" : $"lanes 0x{unnamed:x8} take part and are not named";
            Report(FindingKind.AbsentLanes, w, i, BitOperations.TrailingZeroCount(w->Mask), 0, what);
        }
    }

    public override void OnAbsentSource(Warp* w, Instruction* i, int lane, int source) =>
        Report(FindingKind.AbsentLanes, w, i, lane, 0, $"lane {lane} reads lane {source}, which does not take part");

    public override void OnAsyncCopy(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, uint mask)
    {
        while (mask != 0)
        {
            shadows.Shared.BeginCopy(w->Index, i->Index, (uint)offsets[Lanes.Take(ref mask)], lengthBytes);
        }
    }

    public override void OnAsyncCommit(Warp* w, Instruction* i) => shadows.Shared.Commit(w->Index);

    public override void OnAsyncWait(Warp* w, Instruction* i, int pendingGroups) => shadows.Shared.Await(w->Index, pendingGroups);

    public override void OnBarrier(uint warps, uint running)
    {
        if (warps == running)
        {
            Finish();
        }

        shadows.Order.Synchronize(warps, running);
    }

    public override void OnFence(Warp* w, FenceScope scope)
    {
        shadows.Order.Fence(w->Index);
        if (scope == FenceScope.Device)
        {
            shadows.Global.Fence();
        }
    }

    private void Report(FindingKind kind, Warp* w, Instruction* i, int lane, ulong address, string what) =>
        log.Add(kind, i->Index, ThreadOf(w, lane), address, what);

    private static int ThreadOf(Warp* w, int lane) => (w->Index * Lanes.Count) + lane;

    internal static string Verb(AccessKind kind) => kind switch
    {
        AccessKind.Load => "reads",
        AccessKind.Store => "writes",
        _ => "updates",
    };

    private bool IsAligned(Warp* w, Instruction* i, int lane, ulong address, int lengthBytes)
    {
        if ((address & (ulong)(lengthBytes - 1)) == 0)
        {
            return true;
        }

        Report(FindingKind.Misaligned, w, i, lane, address, $"{lengthBytes} bytes at an address that {lengthBytes} does not divide");
        return false;
    }

    private bool IsInside(Warp* w, Instruction* i, int lane, ulong offset, int lengthBytes, uint limit, string whose, string space)
    {
        if (offset + (ulong)lengthBytes <= limit)
        {
            return true;
        }

        Report(FindingKind.OutOfBounds, w, i, lane, offset, $"{lengthBytes} bytes at {(uint)offset} of {whose} {limit} bytes of {space} memory");
        return false;
    }

    private bool IsAllowed(Warp* w, Instruction* i, int lane, ulong address, int lengthBytes, AccessKind kind)
    {
        if (!IsAligned(w, i, lane, address, lengthBytes))
        {
            return false;
        }

        if (_last is null || !_last.Contains(address, lengthBytes))
        {
            _last = memory.Find(address);
        }

        if (_last is null || !_last.Contains(address, lengthBytes))
        {
            ReportOutside(w, i, lane, address, lengthBytes, kind);
            return false;
        }

        if (_last.IsReadOnly && kind != AccessKind.Load)
        {
            Report(FindingKind.ReadOnly, w, i, lane, address, $"{Verb(kind)} the constant {_last.Name}");
            return false;
        }

        return true;
    }

    private void ReportOutside(Warp* w, Instruction* i, int lane, ulong address, int lengthBytes, AccessKind kind)
    {
        if (memory.FindFreed(address) is Allocation freed)
        {
            Report(FindingKind.UseAfterFree, w, i, lane, address, $"{Verb(kind)} {lengthBytes} bytes at {address - freed.Start} of {freed.LengthBytes} bytes that were freed");
            return;
        }

        string nearest = memory.Below(address) is Allocation below
            ? $"{address - below.Start} bytes behind the start of the nearest allocation below, which has {below.LengthBytes}{(below.Name is null ? string.Empty : $" ({below.Name})")}"
            : "below every allocation";
        Report(FindingKind.OutOfBounds, w, i, lane, address, $"{Verb(kind)} {lengthBytes} bytes {nearest}");
    }

    private void CheckContents(Warp* w, Instruction* i, int lane, ulong address, int lengthBytes, AccessKind kind)
    {
        var written = new Span<byte>(memory.WrittenMap + (address - memory.BaseAddress), lengthBytes);
        if (kind != AccessKind.Store && written.Contains((byte)0))
        {
            Report(FindingKind.UninitialisedGlobal, w, i, lane, address, $"{Verb(kind)} {lengthBytes} bytes that nothing has written");
        }

        if (kind != AccessKind.Load)
        {
            written.Fill(1);
        }

        CheckOrder(w, i, lane, address, lengthBytes, kind);
    }

    private void CheckOrder(Warp* w, Instruction* i, int lane, ulong address, int lengthBytes, AccessKind kind)
    {
        BeginUpdate(w, address, kind);
        if (shadows.Global.Note(address, lengthBytes, kind) is string race)
        {
            Report(FindingKind.GlobalRaceBetweenBlocks, w, i, lane, address, $"{Verb(kind)} {lengthBytes} bytes: {race}");
        }

        if (shadows.Interval.Note(shadows.Order, w->Index, i->Index, address, lengthBytes, kind) is WarpRace other && log.IsNew(FindingKind.GlobalRaceBetweenWarps, i->Index))
        {
            string what = $"{Verb(kind)} {lengthBytes} bytes: {other.What} at {log.PlaceOf(other.Instruction)}";
            ReportRace(FindingKind.GlobalRaceBetweenWarps, w, i, lane, address, what, kind == AccessKind.Load && other.Kind == AccessKind.Atomic);
        }
    }

    private void CheckShared(Warp* w, Instruction* i, int lane, ulong offset, int lengthBytes, AccessKind kind)
    {
        BeginUpdate(w, offset, kind);
        if (shadows.Shared.Note(w->Index, i->Index, (uint)offset, lengthBytes, kind) is not SharedConflict conflict || !log.IsNew(conflict.Kind, i->Index))
        {
            return;
        }

        if (conflict.Kind == FindingKind.UninitialisedShared)
        {
            _deferred.AddUnwritten(i->Index, ThreadOf(w, lane), (uint)offset, lengthBytes);
            return;
        }

        string what = $"{Verb(kind)} {lengthBytes} bytes of shared memory at {offset}: {conflict.What} at {log.PlaceOf(conflict.OtherInstruction)}";
        ReportRace(conflict.Kind, w, i, lane, offset, what, kind == AccessKind.Load && conflict.IsWithAtomic);
    }

    private void BeginUpdate(Warp* w, ulong address, AccessKind kind)
    {
        if (kind == AccessKind.Atomic)
        {
            shadows.Order.Update(w->Index, address);
            _deferred.Update(w->Index, address);
        }
    }

    private void ReportRace(FindingKind kind, Warp* w, Instruction* i, int lane, ulong address, string what, bool isReadBesideAtomic)
    {
        if (isReadBesideAtomic)
        {
            _deferred.AddBesideAtomic(w->Index, kind, i->Index, ThreadOf(w, lane), address, what);
        }
        else
        {
            Report(kind, w, i, lane, address, what);
        }
    }
}
