using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeMove()
    {
        PtxType type = _syntax.Type;
        switch (_syntax.Opcode)
        {
            case "mov" when type == PtxType.Pred:
                Allow();
                Emit(new Instruction { Execute = &PredicateHandlers.Copy, D = Destination(Operand(0), 0), A = Predicate(Operand(1)) });
                break;
            case "mov" when Operand(0).Kind == OperandKind.Vector:
                Allow();
                DecodeUnpack(type);
                break;
            case "mov" when Operand(1).Kind == OperandKind.Vector:
                Allow();
                DecodePack(type);
                break;
            case "mov":
                Allow();
                DecodeCopy(type);
                break;
            case "cvta":
                DecodeAddressConversion();
                break;
            case "isspacep":
                DecodeSpaceTest();
                break;
            case "selp":
                Allow();
                Handler select = LaneBytes(type) == 8 ? &VectorHandlers.Select<ulong> : &VectorHandlers.Select<uint>;
                Instruction selection = OnTwo(select, type);
                selection.C = Predicate(Operand(3));
                Emit(selection);
                break;
            default:
                throw Refuse();
        }
    }

    private void DecodeCopy(PtxType type)
    {
        Operand source = Operand(1);
        if (source.Kind == OperandKind.Symbol && source.Name is "%clock" or "%clock64" or "%globaltimer" or "%clock_hi" or "%globaltimer_lo")
        {
            Emit(new Instruction { Execute = LaneBytes(type) == 8 ? &ClockHandlers.Read64 : &ClockHandlers.Read32, D = Destination(0, type) });
            return;
        }

        Emit(OnOne(Copy(LaneBytes(type)), type));
    }

    private static Handler Copy(int laneBytes) => laneBytes == 8 ? &VectorHandlers.Unary<long, Copy<long>> : &VectorHandlers.Unary<int, Copy<int>>;

    /// <summary><c>mov.b32 {a, b}, c</c> and <c>mov.b64 {a, b}, c</c>, with halves or quarters.</summary>
    private void DecodeUnpack(PtxType type)
    {
        Operand[] parts = Operand(0).Parts;
        int partBits = 8 * type.LengthBytes() / parts.Length;
        int source = Source(1, type);
        for (int k = 0; k < parts.Length; k++)
        {
            if (parts[k].Kind == OperandKind.Sink)
            {
                continue;
            }

            Handler handler = (type.LengthBytes(), partBits) switch
            {
                (4, 16) => &PackHandlers.Field32<ZeroExtend16>,
                (4, 8) => &PackHandlers.Field32<ZeroExtend8>,
                (8, 32) => &PackHandlers.Field64<Copy<int>>,
                (8, 16) => &PackHandlers.Field64<ZeroExtend16>,
                _ => throw Refuse(),
            };
            Emit(new Instruction { Execute = handler, D = Destination(parts[k], 4), A = source, Immediate = k * partBits });
        }
    }

    private void DecodePack(PtxType type)
    {
        Operand[] parts = Operand(1).Parts;
        int partBytes = type.LengthBytes() / parts.Length;
        int[] slots = [.. parts.Select(part => Source(part, partBytes == 8 ? 8 : 4, partBytes))];
        Handler handler = (type.LengthBytes(), partBytes) switch
        {
            (4, 2) => &PackHandlers.Pair16,
            (4, 1) => &PackHandlers.Quad8,
            (8, 4) => &PackHandlers.Pair32,
            (8, 2) => &PackHandlers.Quad16,
            _ => throw Refuse(),
        };
        var instruction = new Instruction { Execute = handler, D = Destination(0, type), A = slots[0], B = slots[1] };
        if (slots.Length == 4)
        {
            instruction.C = slots[2];
            instruction.D1 = slots[3];
        }

        Emit(instruction);
    }

    /// <summary>Generic addresses of global and constant memory are the addresses themselves; the others lie behind a window.</summary>
    private void DecodeAddressConversion()
    {
        Allow("to", "global", "shared", "local", "const", "param", "shared::cta");
        PtxType type = _syntax.Type;
        if (LaneBytes(type) != 8)
        {
            throw Refuse("addresses have 64 bits");
        }

        ulong window = Window();
        if (window == 0)
        {
            Emit(OnOne(Copy(8), type));
            return;
        }

        Handler handler = _syntax.Has("to") ? &VectorHandlers.Binary<long, Subtract<long>> : &VectorHandlers.Binary<long, Add<long>>;
        Emit(new Instruction { Execute = handler, D = Destination(0, type), A = Source(1, type), B = _builder.Constant(8, window) });
    }

    private ulong Window() =>
        _syntax.Has("shared") || _syntax.Has("shared::cta") ? Windows.Shared
        : _syntax.Has("local") ? Windows.Local
        : _syntax.Has("param") ? Windows.Parameters
        : 0;

    private void DecodeSpaceTest()
    {
        Allow("global", "shared", "local", "param", "shared::cta");
        Emit(new Instruction { Execute = &PackHandlers.IsInWindow, D = Destination(Operand(0), 0), A = Source(1, PtxType.U64), Immediate = (long)Window() });
    }
}
