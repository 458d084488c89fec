using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Checking;

/// <summary>
/// Which warps of a block are ordered: all at a barrier of the whole block, some at a barrier of their own, and a warp behind those that
/// passed a fence before they updated atomically what it updates too. Whoever was ordered once counts so until the next barrier of the block.
/// </summary>
internal sealed class WarpOrder
{
    private readonly uint[] _before = new uint[Lanes.Count];
    private readonly Dictionary<ulong, uint> _published = [];
    private uint _fenced;

    /// <summary>The stretch between two barriers of a block: a number that no other stretch of any block or launch has.</summary>
    public int Interval { get; private set; }

    public void BeginInterval()
    {
        Interval++;
        Array.Clear(_before);
        _published.Clear();
        _fenced = 0;
    }

    /// <summary>The warps whose accesses in this interval are in no order with those of <paramref name="warp"/>.</summary>
    public uint Beside(int warp) => ~((1u << warp) | _before[warp]);

    /// <summary>Warps that met at a barrier; <paramref name="running"/> are those that could have.</summary>
    public void Synchronize(uint met, uint running)
    {
        if (met == running)
        {
            BeginInterval();
            return;
        }

        for (uint warps = met; warps != 0;)
        {
            _before[Lanes.Take(ref warps)] |= met;
        }
    }

    public void Fence(int warp) => _fenced |= 1u << warp;

    public void Update(int warp, ulong address)
    {
        uint published = _published.GetValueOrDefault(address);
        _before[warp] |= published;
        if (((_fenced >> warp) & 1) != 0)
        {
            _published[address] = published | _before[warp] | (1u << warp);
        }
    }
}
