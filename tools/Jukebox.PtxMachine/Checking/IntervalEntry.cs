using System.Numerics;
using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Checking;

/// <summary>A warp whose access to the same place is in no order with another's.</summary>
internal readonly record struct WarpRace(int Warp, AccessKind Kind, int Instruction)
{
    public string What => $"warp {Warp} {CheckObserver.Verb(Kind)} it in the same barrier interval,";
}

/// <summary>Who touched one place since the last barrier of the block. Zero is an entry of no interval.</summary>
internal struct IntervalEntry
{
    private int _interval;
    private int _writeInstruction;
    private int _readInstruction;
    private uint _readers;
    private byte _writer; // from 1; 0 is none
    private bool _isAtomic;

    /// <summary>Notes one access; what it races with, or null.</summary>
    public WarpRace? Note(WarpOrder order, int warp, int instruction, AccessKind kind)
    {
        if (_interval != order.Interval)
        {
            this = new IntervalEntry { _interval = order.Interval };
        }

        WarpRace? race = Race(order.Beside(warp), kind);
        if (kind == AccessKind.Load)
        {
            _readers |= 1u << warp;
            _readInstruction = instruction;
        }
        else
        {
            _writer = (byte)(warp + 1);
            _isAtomic = kind == AccessKind.Atomic;
            _readers &= _isAtomic ? ~(1u << warp) : ~0u; // a read that ends in compare-and-swap
            _writeInstruction = instruction;
        }

        return race;
    }

    private readonly WarpRace? Race(uint others, AccessKind kind)
    {
        bool areAtomic = kind == AccessKind.Atomic && _isAtomic;
        if (_writer != 0 && ((others >> (_writer - 1)) & 1) != 0 && !areAtomic)
        {
            return new WarpRace(_writer - 1, _isAtomic ? AccessKind.Atomic : AccessKind.Store, _writeInstruction);
        }

        uint readers = kind == AccessKind.Load ? 0 : _readers & others;
        return readers != 0 ? new WarpRace(BitOperations.TrailingZeroCount(readers), AccessKind.Load, _readInstruction) : null;
    }
}
