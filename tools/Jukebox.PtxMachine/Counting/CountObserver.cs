using System.Numerics;
using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Counting;

/// <summary>Counts what one launch costs.</summary>
internal sealed unsafe class CountObserver : Observer
{
    private const int SectorBytes = 32;

    private readonly KernelProgram _program;
    private readonly SectorMap _loadedSectors;
    private readonly SectorMap _storedSectors;
    private readonly long[] _warps;
    private readonly long[] _threads;
    private readonly ulong[] _sectors = new ulong[2 * Lanes.Count];
    private readonly BankCounter _banks = new();
    private MemoryCounts _globalLoads;
    private MemoryCounts _globalStores;
    private SharedCounts _sharedLoads;
    private SharedCounts _sharedStores;
    private long _branches;
    private long _divergentBranches;

    /// <summary>The sector maps are the machine's: they are cleared here and used until the launch ends.</summary>
    public CountObserver(KernelProgram program, SectorMap loadedSectors, SectorMap storedSectors)
    {
        _program = program;
        _loadedSectors = loadedSectors;
        _storedSectors = storedSectors;
        _warps = new long[program.Length];
        _threads = new long[program.Length];
        loadedSectors.Clear();
        storedSectors.Clear();
    }

    public LaunchCounts Result()
    {
        long[] classes = new long[Enum.GetValues<InstructionClass>().Length];
        long threads = 0, flops = 0, matrixFlops = 0, barriers = 0;
        for (int index = 0; index < _warps.Length; index++)
        {
            InstructionCost cost = _program.Costs[index];
            classes[(int)cost.Class] += _warps[index];
            threads += _threads[index];
            flops += cost.Flops * _threads[index];
            matrixFlops += cost.MatrixFlops * _warps[index];
            barriers += _program.Code[index].Flow == Flow.Barrier ? _warps[index] : 0;
        }

        return new LaunchCounts(classes)
        {
            ThreadInstructions = threads,
            Flops = flops,
            MatrixFlops = matrixFlops,
            GlobalLoads = _globalLoads,
            GlobalStores = _globalStores,
            DistinctLoadSectors = _loadedSectors.Count,
            DistinctStoreSectors = _storedSectors.Count,
            SharedLoads = _sharedLoads,
            SharedStores = _sharedStores,
            Branches = _branches,
            DivergentBranches = _divergentBranches,
            Barriers = barriers,
        };
    }

    public override void OnInstruction(Warp* w, Instruction* i, uint mask)
    {
        _warps[i->Index]++;
        _threads[i->Index] += BitOperations.PopCount(mask);
    }

    public override void OnBranch(Warp* w, Instruction* i, bool isDivergent)
    {
        _branches++;
        _divergentBranches += isDivergent ? 1 : 0;
    }

    public override uint OnGlobal(Warp* w, Instruction* i, ulong* addresses, int lengthBytes, AccessKind kind, uint mask)
    {
        MemoryCounts counts = CountGlobal(addresses, lengthBytes, mask);
        if (kind != AccessKind.Store)
        {
            _globalLoads = Sum(_globalLoads, counts);
            Touch(_loadedSectors, w, addresses, lengthBytes, mask);
        }

        if (kind != AccessKind.Load)
        {
            _globalStores = Sum(_globalStores, counts);
            Touch(_storedSectors, w, addresses, lengthBytes, mask);
        }

        return mask;
    }

    public override uint OnShared(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, AccessKind kind, uint mask)
    {
        (int wavefronts, int ideal) = _banks.Count(offsets, lengthBytes, mask);
        var counts = new SharedCounts(1, (long)BitOperations.PopCount(mask) * lengthBytes, wavefronts, ideal);
        if (kind == AccessKind.Load)
        {
            _sharedLoads = Sum(_sharedLoads, counts);
        }
        else
        {
            _sharedStores = Sum(_sharedStores, counts);
        }

        return mask;
    }

    public override uint OnLocal(Warp* w, Instruction* i, ulong* offsets, int lengthBytes, AccessKind kind, uint mask) => mask;

    /// <summary>Sectors of one request, and as few as its different bytes would fill.</summary>
    private MemoryCounts CountGlobal(ulong* addresses, int lengthBytes, uint mask)
    {
        int found = 0, distinct = 0;
        ulong* seen = stackalloc ulong[Lanes.Count];
        for (uint lanes = mask; lanes != 0;)
        {
            ulong address = addresses[Lanes.Take(ref lanes)];
            if (new ReadOnlySpan<ulong>(seen, distinct).LastIndexOf(address) >= 0)
            {
                continue;
            }

            seen[distinct++] = address;
            ulong last = (address + (ulong)lengthBytes - 1) / SectorBytes;
            for (ulong sector = address / SectorBytes; sector <= last; sector++)
            {
                if (_sectors.AsSpan(0, found).LastIndexOf(sector) < 0)
                {
                    _sectors[found++] = sector;
                }
            }
        }

        int threads = BitOperations.PopCount(mask), ideal = ((distinct * lengthBytes) + SectorBytes - 1) / SectorBytes;
        return new MemoryCounts(1, (long)threads * lengthBytes, found, ideal);
    }

    private static void Touch(SectorMap map, Warp* w, ulong* addresses, int lengthBytes, uint mask)
    {
        for (uint lanes = mask; lanes != 0;)
        {
            ulong address = addresses[Lanes.Take(ref lanes)];
            if (address - w->ArenaStart <= w->ArenaBytes - (ulong)lengthBytes)
            {
                map.Touch(address);
                map.Touch(address + (ulong)lengthBytes - 1);
            }
        }
    }

    private static MemoryCounts Sum(MemoryCounts a, MemoryCounts b) =>
        new(a.Requests + b.Requests, a.Bytes + b.Bytes, a.Sectors + b.Sectors, a.IdealSectors + b.IdealSectors);

    private static SharedCounts Sum(SharedCounts a, SharedCounts b) =>
        new(a.Requests + b.Requests, a.Bytes + b.Bytes, a.Wavefronts + b.Wavefronts, a.IdealWavefronts + b.IdealWavefronts);
}
