using System.Runtime.InteropServices;
using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

/// <summary>Collects decoded instructions and gives out the places in a warp's registers.</summary>
internal sealed unsafe class ProgramBuilder
{
    private const int PredicateBytes = 4;

    private readonly Dictionary<(int LaneBytes, ulong Bits), int> _constantSlots = [];
    private readonly Dictionary<Register, int> _registerSlots = new(ReferenceEqualityComparer.Instance);
    private readonly List<nint> _extras = [];
    private int _nextPredicate;
    private int _predicatesEnd;

    public List<Instruction> Instructions { get; } = [];

    /// <summary>What each instruction was in the text.</summary>
    public List<PtxInstruction> Syntax { get; } = [];

    public List<Constant> Constants { get; } = [];

    public Dictionary<SpecialRegister, int> Specials { get; } = [];

    public int RegisterBytes { get; private set; }

    /// <summary>A register that is written and never read, of either width.</summary>
    public int Scratch => _scratch >= 0 ? _scratch : _scratch = Allocate(Lanes.Bytes64);

    private int _scratch = -1;

    public int Slot(Register register)
    {
        if (!_registerSlots.TryGetValue(register, out int slot))
        {
            slot = register.Type == PtxType.Pred ? AllocatePredicate() : Allocate(register.Type.LengthBytes() == 8 ? Lanes.Bytes64 : Lanes.Bytes32);
            _registerSlots[register] = slot;
        }

        return slot;
    }

    public int Slot(SpecialRegister register)
    {
        if (!Specials.TryGetValue(register, out int slot))
        {
            slot = Allocate(Lanes.Bytes32);
            Specials[register] = slot;
        }

        return slot;
    }

    /// <summary>A slot that holds a constant in every lane; of a predicate (<paramref name="laneBytes"/> 0), all lanes or none.</summary>
    public int Constant(int laneBytes, ulong bits)
    {
        bits = laneBytes switch
        {
            0 => bits != 0 ? uint.MaxValue : 0,
            4 => (uint)bits,
            _ => bits,
        };
        if (!_constantSlots.TryGetValue((laneBytes, bits), out int slot))
        {
            slot = laneBytes == 0 ? AllocatePredicate() : Allocate(laneBytes * Lanes.Count);
            _constantSlots[(laneBytes, bits)] = slot;
            Constants.Add(new Constant(slot, laneBytes, bits));
        }

        return slot;
    }

    public int AllocatePredicate()
    {
        if (_nextPredicate == _predicatesEnd)
        {
            _nextPredicate = Allocate(64);
            _predicatesEnd = _nextPredicate + 64;
        }

        _nextPredicate += PredicateBytes;
        return _nextPredicate - PredicateBytes;
    }

    public int Allocate(int lengthBytes)
    {
        int slot = RegisterBytes;
        RegisterBytes += lengthBytes;
        return slot;
    }

    public void Add(Instruction instruction, PtxInstruction syntax)
    {
        instruction.Index = Instructions.Count;
        Instructions.Add(instruction);
        Syntax.Add(syntax);
    }

    /// <summary>Native memory that lives as long as the program, aligned for vectors.</summary>
    public int* AllocateExtra(int count)
    {
        void* extra = NativeMemory.AlignedAlloc((nuint)Math.Max(64, count * sizeof(int)), 64);
        _extras.Add((nint)extra);
        return (int*)extra;
    }

    /// <summary>Hands over what <see cref="AllocateExtra"/> gave out.</summary>
    public List<nint> TakeExtras()
    {
        List<nint> extras = [.. _extras];
        _extras.Clear();
        return extras;
    }
}
