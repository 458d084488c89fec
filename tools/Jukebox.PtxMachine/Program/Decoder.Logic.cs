using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeLogic()
    {
        PtxType type = _syntax.Type;
        if (type == PtxType.Pred)
        {
            DecodePredicateLogic();
            return;
        }

        Allow();
        switch (_syntax.Opcode)
        {
            case "lop3":
                Instruction table = OnThree(&LogicHandlers.Table, type);
                table.Immediate = (long)Operand(4).Bits;
                Emit(table);
                break;
            case "shl" or "shr":
                DecodeShift(type);
                break;
            case "not":
                Emit(OnOne(type.LengthBytes() == 8 ? &VectorHandlers.Unary<long, Complement<long>> : type.LengthBytes() == 2 ? &VectorHandlers.Unary<int, LowUnary16<Complement<int>>> : &VectorHandlers.Unary<int, Complement<int>>, type));
                break;
            case "cnot":
                throw Refuse();
            default:
                Emit(OnTwo(Logic(type.LengthBytes() == 8), type));
                break;
        }
    }

    private Handler Logic(bool isWide) => (_syntax.Opcode, isWide) switch
    {
        ("and", false) => &VectorHandlers.Binary<int, And<int>>,
        ("and", true) => &VectorHandlers.Binary<long, And<long>>,
        ("or", false) => &VectorHandlers.Binary<int, Or<int>>,
        ("or", true) => &VectorHandlers.Binary<long, Or<long>>,
        ("xor", false) => &VectorHandlers.Binary<int, Xor<int>>,
        _ => &VectorHandlers.Binary<long, Xor<long>>,
    };

    private void DecodePredicateLogic()
    {
        Allow();
        var instruction = new Instruction { D = Destination(Operand(0), 0), A = Predicate(Operand(1)) };
        if (_syntax.Opcode != "not")
        {
            instruction.B = Predicate(Operand(2));
        }

        instruction.Execute = _syntax.Opcode switch
        {
            "and" => &PredicateHandlers.And,
            "or" => &PredicateHandlers.Or,
            "xor" => &PredicateHandlers.Xor,
            "not" => &PredicateHandlers.Not,
            _ => throw Refuse(),
        };
        Emit(instruction);
    }

    private void DecodeShift(PtxType type)
    {
        Handler handler = (_syntax.Opcode, type) switch
        {
            ("shl", PtxType.B16) => &VectorHandlers.Binary<uint, Shift16<ShiftLeft32>>,
            ("shl", PtxType.B32) => &VectorHandlers.Binary<uint, ShiftLeft32>,
            ("shl", PtxType.B64) => &WideHandlers.Shift<ShiftLeft64>,
            ("shr", PtxType.B16 or PtxType.U16) => &VectorHandlers.Binary<uint, ShiftRight32>,
            ("shr", PtxType.S16) => &VectorHandlers.Binary<int, ShiftRightSigned16>,
            ("shr", PtxType.B32 or PtxType.U32) => &VectorHandlers.Binary<uint, ShiftRight32>,
            ("shr", PtxType.S32) => &VectorHandlers.Binary<int, ShiftRightSigned32>,
            ("shr", PtxType.B64 or PtxType.U64) => &WideHandlers.Shift<ShiftRight64>,
            ("shr", PtxType.S64) => &WideHandlers.Shift<ShiftRightSigned64>,
            _ => throw Refuse(),
        };
        Emit(new Instruction { Execute = handler, D = Destination(0, type), A = Source(1, type), B = Source(2, PtxType.U32) });
    }

    private void DecodeBits()
    {
        PtxType type = _syntax.Type;
        switch (_syntax.Opcode)
        {
            case "popc" or "clz" or "bfind":
                Allow("shiftamt");
                Emit(new Instruction { Execute = CountBits(type), D = Destination(0, PtxType.U32), A = Source(1, type) });
                break;
            case "brev":
                Allow();
                Emit(OnOne(type.LengthBytes() == 8 ? &LaneHandlers.Unary<ulong, ulong, Reverse64> : &LaneHandlers.Unary<uint, uint, Reverse32>, type));
                break;
            case "bfe":
                Allow();
                Emit(new Instruction { Execute = ExtractBits(type), D = Destination(0, type), A = Source(1, type), B = Source(2, PtxType.U32), C = Source(3, PtxType.U32) });
                break;
            case "bfi":
                Allow();
                Handler insert = type.LengthBytes() == 8 ? &InsertHandlers.Insert64 : &InsertHandlers.Insert32;
                Emit(new Instruction { Execute = insert, D = Destination(0, type), A = Source(1, type), B = Source(2, type), C = Source(3, PtxType.U32), D1 = Source(4, PtxType.U32) });
                break;
            case "prmt":
                DecodePermute();
                break;
            case "shf":
                DecodeFunnel();
                break;
            default:
                Allow("lo");
                Emit(_syntax.Opcode == "mul24" ? OnTwo(ByteArithmetic(type), type) : OnThree(ByteArithmetic(type), PtxType.U32));
                break;
        }
    }

    private Handler CountBits(PtxType type) => (_syntax.Opcode, type, _syntax.Has("shiftamt")) switch
    {
        ("popc", PtxType.B32, false) => &LaneHandlers.Unary<uint, uint, PopulationCount32>,
        ("popc", PtxType.B64, false) => &LaneHandlers.Unary<uint, ulong, PopulationCount64>,
        ("clz", PtxType.B32, false) => &LaneHandlers.Unary<uint, uint, LeadingZeros32>,
        ("clz", PtxType.B64, false) => &LaneHandlers.Unary<uint, ulong, LeadingZeros64>,
        ("bfind", PtxType.U32, false) => &LaneHandlers.Unary<uint, uint, FindHighestU32>,
        ("bfind", PtxType.S32, false) => &LaneHandlers.Unary<uint, int, FindHighestS32>,
        ("bfind", PtxType.U64, false) => &LaneHandlers.Unary<uint, ulong, FindHighestU64>,
        ("bfind", PtxType.S64, false) => &LaneHandlers.Unary<uint, long, FindHighestS64>,
        ("bfind", PtxType.U32, true) => &LaneHandlers.Unary<uint, uint, ShiftToHighest32<FindHighestU32, uint>>,
        ("bfind", PtxType.S32, true) => &LaneHandlers.Unary<uint, int, ShiftToHighest32<FindHighestS32, int>>,
        ("bfind", PtxType.U64, true) => &LaneHandlers.Unary<uint, ulong, ShiftToHighest64<FindHighestU64, ulong>>,
        ("bfind", PtxType.S64, true) => &LaneHandlers.Unary<uint, long, ShiftToHighest64<FindHighestS64, long>>,
        _ => throw Refuse(),
    };

    private Handler ExtractBits(PtxType type) => type switch
    {
        PtxType.U32 => &LaneHandlers.Ternary<uint, uint, uint, uint, ExtractU32>,
        PtxType.S32 => &LaneHandlers.Ternary<uint, uint, uint, uint, ExtractS32>,
        PtxType.U64 => &LaneHandlers.Ternary<ulong, ulong, uint, uint, ExtractU64>,
        PtxType.S64 => &LaneHandlers.Ternary<ulong, ulong, uint, uint, ExtractS64>,
        _ => throw Refuse(),
    };

    private void DecodePermute()
    {
        Allow("f4e", "b4e", "rc8", "ecl", "ecr", "rc16");
        Handler handler = _syntax.Modifiers switch
        {
            [_, "f4e"] => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteMode<PermuteForward4>>,
            [_, "b4e"] => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteMode<PermuteBackward4>>,
            [_, "rc8"] => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteMode<PermuteReplicate8>>,
            [_, "ecl"] => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteMode<PermuteClampLeft>>,
            [_, "ecr"] => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteMode<PermuteClampRight>>,
            [_, "rc16"] => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteMode<PermuteReplicate16>>,
            _ => &LaneHandlers.Ternary<uint, uint, uint, uint, PermuteBytes>,
        };
        Emit(OnThree(handler, PtxType.B32));
    }

    private void DecodeFunnel()
    {
        Allow("l", "r", "wrap", "clamp");
        Handler handler = (_syntax.Has("l"), _syntax.Has("wrap")) switch
        {
            (true, true) => &LaneHandlers.Ternary<uint, uint, uint, uint, FunnelLeft<FunnelWrap>>,
            (true, false) => &LaneHandlers.Ternary<uint, uint, uint, uint, FunnelLeft<FunnelClamp>>,
            (false, true) => &LaneHandlers.Ternary<uint, uint, uint, uint, FunnelRight<FunnelWrap>>,
            (false, false) => &LaneHandlers.Ternary<uint, uint, uint, uint, FunnelRight<FunnelClamp>>,
        };
        Emit(OnThree(handler, PtxType.B32));
    }

    private Handler ByteArithmetic(PtxType type) => (_syntax.Opcode, type, _syntax.FindType(1)) switch
    {
        ("sad", PtxType.U32, _) => &LaneHandlers.Ternary<uint, uint, uint, uint, SumOfDifferencesU32>,
        ("sad", PtxType.S32, _) => &LaneHandlers.Ternary<int, int, int, int, SumOfDifferencesS32>,
        ("mul24", PtxType.U32, _) => &LaneHandlers.Binary<uint, uint, uint, Multiply24U>,
        ("mul24", PtxType.S32, _) => &LaneHandlers.Binary<int, int, int, Multiply24S>,
        ("dp4a", PtxType.U32, PtxType.U32) => &LaneHandlers.Ternary<uint, uint, uint, uint, DotBytes<UnsignedByte, UnsignedByte>>,
        ("dp4a", PtxType.S32, PtxType.U32) => &LaneHandlers.Ternary<uint, uint, uint, uint, DotBytes<UnsignedByte, SignedByte>>,
        ("dp4a", PtxType.U32, PtxType.S32) => &LaneHandlers.Ternary<uint, uint, uint, uint, DotBytes<SignedByte, UnsignedByte>>,
        ("dp4a", PtxType.S32, PtxType.S32) => &LaneHandlers.Ternary<uint, uint, uint, uint, DotBytes<SignedByte, SignedByte>>,
        _ => throw Refuse(),
    };
}
