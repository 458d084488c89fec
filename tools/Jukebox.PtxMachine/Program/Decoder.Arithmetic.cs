using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeArithmetic()
    {
        PtxType type = _syntax.Type;
        if (_syntax.Has("cc"))
        {
            DecodeCarry();
        }
        else if (type is PtxType.F32)
        {
            DecodeFloat32();
        }
        else if (type is PtxType.F64)
        {
            DecodeFloat64();
        }
        else if (type is PtxType.F16 or PtxType.BF16 or PtxType.F16x2 or PtxType.BF16x2)
        {
            DecodeHalf(type);
        }
        else
        {
            DecodeInteger(type);
        }
    }

    private void DecodeInteger(PtxType type)
    {
        switch (_syntax.Opcode)
        {
            case "mul":
                DecodeIntegerMultiply(type);
                break;
            case "mad":
                DecodeIntegerMultiplyAdd(type);
                break;
            case "neg" or "abs":
                Allow();
                Emit(OnOne(IntegerUnary(type), type));
                break;
            default:
                Allow();
                Emit(OnTwo(IntegerBinary(type), type));
                break;
        }
    }

    private Handler IntegerUnary(PtxType type) => (_syntax.Opcode, type) switch
    {
        ("neg", PtxType.S16) => &VectorHandlers.Unary<int, LowUnary16<Negate<int>>>,
        ("neg", PtxType.S32) => &VectorHandlers.Unary<int, Negate<int>>,
        ("neg", PtxType.S64) => &VectorHandlers.Unary<long, Negate<long>>,
        ("abs", PtxType.S16) => &VectorHandlers.Unary<int, LowUnary16<Absolute<int>>>,
        ("abs", PtxType.S32) => &VectorHandlers.Unary<int, Absolute<int>>,
        ("abs", PtxType.S64) => &VectorHandlers.Unary<long, Absolute<long>>,
        _ => throw Refuse(),
    };

    private Handler IntegerBinary(PtxType type) => (_syntax.Opcode, type) switch
    {
        ("add", PtxType.U16 or PtxType.S16) => &VectorHandlers.Binary<int, Low16<Add<int>>>,
        ("add", PtxType.U32 or PtxType.S32) => &VectorHandlers.Binary<int, Add<int>>,
        ("add", PtxType.U64 or PtxType.S64) => &VectorHandlers.Binary<long, Add<long>>,
        ("sub", PtxType.U16 or PtxType.S16) => &VectorHandlers.Binary<int, Low16<Subtract<int>>>,
        ("sub", PtxType.U32 or PtxType.S32) => &VectorHandlers.Binary<int, Subtract<int>>,
        ("sub", PtxType.U64 or PtxType.S64) => &VectorHandlers.Binary<long, Subtract<long>>,
        ("min", PtxType.U16 or PtxType.U32) => &VectorHandlers.Binary<uint, Minimum<uint>>,
        ("min", PtxType.S16) => &VectorHandlers.Binary<int, Signed16<Minimum<int>>>,
        ("min", PtxType.S32) => &VectorHandlers.Binary<int, Minimum<int>>,
        ("min", PtxType.U64) => &VectorHandlers.Binary<ulong, Minimum<ulong>>,
        ("min", PtxType.S64) => &VectorHandlers.Binary<long, Minimum<long>>,
        ("max", PtxType.U16 or PtxType.U32) => &VectorHandlers.Binary<uint, Maximum<uint>>,
        ("max", PtxType.S16) => &VectorHandlers.Binary<int, Signed16<Maximum<int>>>,
        ("max", PtxType.S32) => &VectorHandlers.Binary<int, Maximum<int>>,
        ("max", PtxType.U64) => &VectorHandlers.Binary<ulong, Maximum<ulong>>,
        ("max", PtxType.S64) => &VectorHandlers.Binary<long, Maximum<long>>,
        ("div", PtxType.U16) => &LaneHandlers.Binary<uint, uint, uint, DivideU16>,
        ("div", PtxType.S16) => &LaneHandlers.Binary<uint, uint, uint, DivideS16>,
        ("div", PtxType.U32) => &LaneHandlers.Binary<uint, uint, uint, DivideU32>,
        ("div", PtxType.S32) => &LaneHandlers.Binary<int, int, int, DivideS32>,
        ("div", PtxType.U64) => &LaneHandlers.Binary<ulong, ulong, ulong, DivideU64>,
        ("div", PtxType.S64) => &LaneHandlers.Binary<long, long, long, DivideS64>,
        ("rem", PtxType.U16 or PtxType.U32) => &LaneHandlers.Binary<uint, uint, uint, RemainderU32>,
        ("rem", PtxType.S16) => &LaneHandlers.Binary<uint, uint, uint, RemainderS16>,
        ("rem", PtxType.S32) => &LaneHandlers.Binary<int, int, int, RemainderS32>,
        ("rem", PtxType.U64) => &LaneHandlers.Binary<ulong, ulong, ulong, RemainderU64>,
        ("rem", PtxType.S64) => &LaneHandlers.Binary<long, long, long, RemainderS64>,
        _ => throw Refuse(),
    };

    private void DecodeIntegerMultiply(PtxType type)
    {
        Allow("lo", "hi", "wide");
        if (_syntax.Has("wide"))
        {
            PtxType wide = Widened(type);
            Handler handler = type switch
            {
                PtxType.S32 => &WideHandlers.Multiply<SignedWidening>,
                PtxType.U32 => &WideHandlers.Multiply<UnsignedWidening>,
                PtxType.S16 => &LaneHandlers.Binary<int, int, int, MultiplyWideS16>,
                PtxType.U16 => &VectorHandlers.Binary<int, Multiply<int>>,
                _ => throw Refuse(),
            };
            Emit(new Instruction { Execute = handler, D = Destination(0, wide), A = Source(1, type), B = Source(2, type) });
            return;
        }

        Emit(OnTwo(_syntax.Has("hi") ? MultiplyHigh(type) : MultiplyLow(type), type));
    }

    private Handler MultiplyLow(PtxType type) => type.LengthBytes() switch
    {
        2 => &VectorHandlers.Binary<int, Low16<Multiply<int>>>,
        4 => &VectorHandlers.Binary<int, Multiply<int>>,
        8 => &VectorHandlers.Binary<long, Multiply<long>>,
        _ => throw Refuse(),
    };

    private Handler MultiplyHigh(PtxType type) => type switch
    {
        PtxType.U16 => &LaneHandlers.Binary<uint, uint, uint, MultiplyHighU16>,
        PtxType.S16 => &LaneHandlers.Binary<uint, uint, uint, MultiplyHighS16>,
        PtxType.U32 => &LaneHandlers.Binary<uint, uint, uint, MultiplyHighU32>,
        PtxType.S32 => &LaneHandlers.Binary<int, int, int, MultiplyHighS32>,
        PtxType.U64 => &LaneHandlers.Binary<ulong, ulong, ulong, MultiplyHighU64>,
        PtxType.S64 => &LaneHandlers.Binary<long, long, long, MultiplyHighS64>,
        _ => throw Refuse(),
    };

    private void DecodeIntegerMultiplyAdd(PtxType type)
    {
        Allow("lo", "hi", "wide");
        if (_syntax.Has("wide"))
        {
            PtxType wide = Widened(type);
            Handler handler = type switch
            {
                PtxType.S32 => &WideHandlers.MultiplyAdd<SignedWidening>,
                PtxType.U32 => &WideHandlers.MultiplyAdd<UnsignedWidening>,
                PtxType.S16 => &LaneHandlers.Ternary<int, int, int, int, MultiplyAddWideS16>,
                PtxType.U16 => &VectorHandlers.Ternary<int, MultiplyAdd<int>>,
                _ => throw Refuse(),
            };
            Emit(new Instruction { Execute = handler, D = Destination(0, wide), A = Source(1, type), B = Source(2, type), C = Source(3, wide) });
            return;
        }

        Handler plain = (_syntax.Has("hi"), type) switch
        {
            (false, PtxType.U16 or PtxType.S16) => &VectorHandlers.Ternary<int, MultiplyAdd16>,
            (false, PtxType.U32 or PtxType.S32) => &VectorHandlers.Ternary<int, MultiplyAdd<int>>,
            (false, PtxType.U64 or PtxType.S64) => &VectorHandlers.Ternary<long, MultiplyAdd<long>>,
            (true, PtxType.U32) => &LaneHandlers.Ternary<uint, uint, uint, uint, MultiplyAddHighU32>,
            (true, PtxType.S32) => &LaneHandlers.Ternary<int, int, int, int, MultiplyAddHighS32>,
            (true, PtxType.U64) => &LaneHandlers.Ternary<ulong, ulong, ulong, ulong, MultiplyAddHighU64>,
            (true, PtxType.S64) => &LaneHandlers.Ternary<long, long, long, long, MultiplyAddHighS64>,
            _ => throw Refuse(),
        };
        Emit(OnThree(plain, type));
    }

    private PtxType Widened(PtxType type) => type switch
    {
        PtxType.U16 => PtxType.U32,
        PtxType.S16 => PtxType.S32,
        PtxType.U32 => PtxType.U64,
        PtxType.S32 => PtxType.S64,
        _ => throw Refuse(),
    };

    private void DecodeFloat64()
    {
        Allow("rn");
        Handler handler = _syntax.Opcode switch
        {
            "add" => &VectorHandlers.Binary<double, Add<double>>,
            "sub" => &VectorHandlers.Binary<double, Subtract<double>>,
            "mul" => &VectorHandlers.Binary<double, Multiply<double>>,
            "div" => &VectorHandlers.Binary<double, Divide<double>>,
            "min" => &VectorHandlers.Binary<double, MinimumNumber<double>>,
            "max" => &VectorHandlers.Binary<double, MaximumNumber<double>>,
            "fma" or "mad" => &VectorHandlers.Ternary<double, FusedMultiplyAdd64>,
            "neg" => &VectorHandlers.Unary<double, Negate<double>>,
            "abs" => &VectorHandlers.Unary<double, AbsoluteFloat<double>>,
            _ => throw Refuse(),
        };
        Emit(_syntax.Opcode switch
        {
            "fma" or "mad" => OnThree(handler, PtxType.F64),
            "neg" or "abs" => OnOne(handler, PtxType.F64),
            _ => OnTwo(handler, PtxType.F64),
        });
    }
}
