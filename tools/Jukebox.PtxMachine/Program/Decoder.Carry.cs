using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private int _carry = -1;

    /// <summary><c>add.cc addc sub.cc subc mad.cc madc</c>: the carry is one predicate of the whole program.</summary>
    private void DecodeCarry()
    {
        Allow("cc", "lo", "hi");
        PtxType type = _syntax.Type;
        if (_carry < 0)
        {
            _carry = _builder.AllocatePredicate();
        }

        byte detail = (byte)((_syntax.Opcode is "addc" or "subc" or "madc" ? 1 : 0) | (_syntax.Has("cc") ? 2 : 0));
        bool isWide = LaneBytes(type) == 8;
        if (_syntax.Opcode is "mad" or "madc")
        {
            int product = _builder.Allocate(isWide ? Lanes.Bytes64 : Lanes.Bytes32);
            Emit(new Instruction { Execute = _syntax.Has("hi") ? MultiplyHigh(type) : MultiplyLow(type), D = product, A = Source(1, type), B = Source(2, type) });
            Emit(new Instruction { Execute = isWide ? &CarryHandlers.Add64 : &CarryHandlers.Add32, D = Destination(0, type), A = product, B = Source(3, type), D1 = _carry, Detail = detail });
            return;
        }

        Handler handler = (_syntax.Opcode.StartsWith("add", StringComparison.Ordinal), isWide) switch
        {
            (true, false) => &CarryHandlers.Add32,
            (true, true) => &CarryHandlers.Add64,
            (false, false) => &CarryHandlers.Subtract32,
            _ => &CarryHandlers.Subtract64,
        };
        Instruction instruction = OnTwo(handler, type);
        instruction.D1 = _carry;
        instruction.Detail = detail;
        Emit(instruction);
    }
}
