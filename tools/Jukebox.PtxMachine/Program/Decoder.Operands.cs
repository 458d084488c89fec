using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private Operand Operand(int index) =>
        index < _syntax.Operands.Length ? _syntax.Operands[index] : throw Refuse($"operand {index + 1} is missing");

    private static int LaneBytes(PtxType type) => type.LengthBytes() == 8 ? 8 : 4;

    private static int LaneBytes(Register register) => register.Type == PtxType.Pred ? 0 : LaneBytes(register.Type);

    /// <summary>The slot of a value to read: a register, a constant, a special register, or a variable's address.</summary>
    private int Source(int index, PtxType type) => Source(Operand(index), type);

    private int Source(Operand operand, PtxType type) => Source(operand, LaneBytes(type), type.LengthBytes());

    private int Source(Operand operand, int laneBytes, int valueBytes)
    {
        switch (operand.Kind)
        {
            case OperandKind.Immediate:
                return _builder.Constant(laneBytes, valueBytes == 2 ? (ushort)operand.Bits : valueBytes == 1 ? (byte)operand.Bits : operand.Bits);
            case OperandKind.Register when operand.Register is Register register:
                return LaneBytes(register) == laneBytes ? _builder.Slot(register) : throw Refuse($"{operand.Name} has another width than the instruction");
            case OperandKind.Symbol when SpecialRegisters.Find(operand.Name) is SpecialRegister special:
                return laneBytes == 4 ? _builder.Slot(special) : throw Refuse($"{operand.Name} has 32 bits");
            case OperandKind.Symbol:
                return _builder.Constant(laneBytes, AddressOf(operand));
            default:
                throw Refuse($"an operand of kind {operand.Kind} where a value belongs");
        }
    }

    /// <summary>The slot of a result.</summary>
    private int Destination(int index, PtxType type) => Destination(Operand(index), LaneBytes(type));

    private int Destination(Operand operand, int laneBytes)
    {
        if (operand.Kind == OperandKind.Sink)
        {
            return laneBytes == 0 ? _builder.AllocatePredicate() : _builder.Scratch;
        }

        if (operand.Kind != OperandKind.Register || operand.Register is not Register register)
        {
            throw Refuse("the result is no register");
        }

        return LaneBytes(register) == laneBytes ? _builder.Slot(register) : throw Refuse($"{operand.Name} has another width than the instruction");
    }

    /// <summary>The slot of a predicate to read; one that is written negated is turned around in a slot of its own first.</summary>
    private int Predicate(Operand operand)
    {
        if (operand.Kind == OperandKind.Immediate)
        {
            return _builder.Constant(0, operand.Bits);
        }

        if (operand.Register is not Register { Type: PtxType.Pred } register)
        {
            throw Refuse($"'{operand.Name}' is no predicate");
        }

        if (!operand.Negated)
        {
            return _builder.Slot(register);
        }

        int opposite = _builder.AllocatePredicate();
        EmitAsIs(new Instruction { Execute = &PredicateHandlers.Not, D = opposite, A = _builder.Slot(register), Guard = -1 });
        return opposite;
    }

    /// <summary>A variable's address in its own space: an offset for shared, local and parameters, a device address otherwise.</summary>
    private ulong AddressOf(Operand symbol)
    {
        if (_function.IsKernel && _kernel.Parameters.FirstOrDefault(p => p.Name == symbol.Name) is { Name: not null } parameter)
        {
            return (ulong)(parameter.Offset + symbol.Offset);
        }

        if (_kernel.Layout.Find(_function, symbol.Name) is int offset)
        {
            return (ulong)(offset + symbol.Offset);
        }

        return _module.AddressOf(symbol.Name) is ulong address ? address + (ulong)symbol.Offset : throw Refuse($"'{symbol.Name}' is not known");
    }

    /// <summary>An instruction of two operands whose lanes have the type's width.</summary>
    private Instruction OnTwo(Handler handler, PtxType type) =>
        new() { Execute = handler, D = Destination(0, type), A = Source(1, type), B = Source(2, type) };

    private Instruction OnOne(Handler handler, PtxType type) =>
        new() { Execute = handler, D = Destination(0, type), A = Source(1, type) };

    private Instruction OnThree(Handler handler, PtxType type) =>
        new() { Execute = handler, D = Destination(0, type), A = Source(1, type), B = Source(2, type), C = Source(3, type) };
}
