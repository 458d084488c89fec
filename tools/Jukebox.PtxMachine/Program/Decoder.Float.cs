using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeFloat32()
    {
        const PtxType Type = PtxType.F32;
        if (_syntax.Has("rz") || _syntax.Has("rm") || _syntax.Has("rp"))
        {
            DecodeDirected();
            return;
        }

        switch (_syntax.Opcode)
        {
            case "neg":
                Allow("ftz");
                Emit(OnOne(Unary<Negate<float>>(), Type));
                break;
            case "abs":
                Allow("ftz");
                Emit(OnOne(Unary<AbsoluteFloat<float>>(), Type));
                break;
            case "fma" or "mad":
                Allow("rn", "ftz", "sat");
                Emit(OnThree(Ternary<FusedMultiplyAdd>(), Type));
                break;
            case "div":
                Allow("rn", "approx", "full", "ftz");
                Emit(OnTwo(Binary<Divide<float>>(), Type));
                break;
            case "min":
                Allow("ftz", "NaN");
                Emit(OnTwo(_syntax.Has("NaN") ? Binary<Minimum<float>>() : Binary<MinimumNumber<float>>(), Type));
                break;
            case "max":
                Allow("ftz", "NaN");
                Emit(OnTwo(_syntax.Has("NaN") ? Binary<Maximum<float>>() : Binary<MaximumNumber<float>>(), Type));
                break;
            default:
                Allow("rn", "ftz", "sat");
                Emit(OnTwo(_syntax.Opcode == "add" ? Binary<Add<float>>() : _syntax.Opcode == "sub" ? Binary<Subtract<float>>() : Binary<Multiply<float>>(), Type));
                break;
        }
    }

    /// <summary>Directed rounding: everything as a·b + c, with the one or the negative zero that leaves the rest unchanged.</summary>
    private void DecodeDirected()
    {
        const PtxType Type = PtxType.F32;
        Allow("rz", "rm", "rp");
        Handler handler = _syntax.Has("rz") ? &DirectedHandlers.MultiplyAdd<TowardZero>
            : _syntax.Has("rm") ? &DirectedHandlers.MultiplyAdd<Downward>
            : &DirectedHandlers.MultiplyAdd<Upward>;
        int one = _builder.Constant(4, BitConverter.SingleToUInt32Bits(1));
        switch (_syntax.Opcode)
        {
            case "fma" or "mad":
                Emit(OnThree(handler, Type));
                break;
            case "add":
                Emit(new Instruction { Execute = handler, D = Destination(0, Type), A = Source(1, Type), B = one, C = Source(2, Type) });
                break;
            case "sub":
                int minusOne = _builder.Constant(4, BitConverter.SingleToUInt32Bits(-1));
                Emit(new Instruction { Execute = handler, D = Destination(0, Type), A = Source(2, Type), B = minusOne, C = Source(1, Type) });
                break;
            case "mul":
                int zero = _builder.Constant(4, _syntax.Has("rm") ? 0 : BitConverter.SingleToUInt32Bits(-0f));
                Emit(new Instruction { Execute = handler, D = Destination(0, Type), A = Source(1, Type), B = Source(2, Type), C = zero });
                break;
            default:
                throw Refuse("directed rounding is not known here");
        }
    }

    private void DecodeMathFunction()
    {
        PtxType type = _syntax.Type;
        if (_syntax.Opcode == "copysign" && type == PtxType.F32)
        {
            Allow();
            Emit(OnTwo(&VectorHandlers.Binary<float, CopySign>, type));
            return;
        }

        if (type == PtxType.F64)
        {
            Allow("rn", "approx", "ftz");
            Emit(OnOne(
                _syntax.Opcode switch
                {
                    "rcp" => &VectorHandlers.Unary<double, Reciprocal<double>>,
                    "sqrt" => &VectorHandlers.Unary<double, SquareRoot<double>>,
                    "rsqrt" => &VectorHandlers.Unary<double, ReciprocalSquareRoot<double>>,
                    _ => throw Refuse(),
                },
                type));
            return;
        }

        if (type != PtxType.F32)
        {
            throw Refuse();
        }

        Allow("rn", "approx", "ftz");
        Emit(OnOne(
            _syntax.Opcode switch
            {
                "rcp" => Unary<Reciprocal<float>>(),
                "sqrt" => Unary<SquareRoot<float>>(),
                "rsqrt" => Unary<ReciprocalSquareRoot<float>>(),
                "ex2" => Unary<PowerOfTwo>(),
                "lg2" => LaneFunction<LogarithmOfTwo>(),
                "sin" => LaneFunction<Sine>(),
                "cos" => LaneFunction<Cosine>(),
                "tanh" => LaneFunction<HyperbolicTangent>(),
                _ => throw Refuse(),
            },
            type));
    }

    private Handler LaneFunction<TFunction>()
        where TFunction : struct, ILaneUnary<float, float> =>
        _syntax.Has("ftz") ? &LaneHandlers.Unary<float, float, FlushLane<TFunction>> : &LaneHandlers.Unary<float, float, TFunction>;

    private Handler Unary<TOperation>()
        where TOperation : struct, IUnary<float> =>
        _syntax.Has("ftz") ? &VectorHandlers.Unary<float, FlushUnary<TOperation>> : &VectorHandlers.Unary<float, TOperation>;

    private Handler Binary<TOperation>()
        where TOperation : struct, IBinary<float> => (_syntax.Has("ftz"), _syntax.Has("sat")) switch
        {
            (false, false) => &VectorHandlers.Binary<float, TOperation>,
            (true, false) => &VectorHandlers.Binary<float, FlushBinary<TOperation>>,
            (false, true) => &VectorHandlers.Binary<float, SaturateBinary<TOperation>>,
            _ => &VectorHandlers.Binary<float, SaturateBinary<FlushBinary<TOperation>>>,
        };

    private Handler Ternary<TOperation>()
        where TOperation : struct, ITernary<float> => (_syntax.Has("ftz"), _syntax.Has("sat")) switch
        {
            (false, false) => &VectorHandlers.Ternary<float, TOperation>,
            (true, false) => &VectorHandlers.Ternary<float, FlushTernary<TOperation>>,
            (false, true) => &VectorHandlers.Ternary<float, SaturateTernary<TOperation>>,
            _ => &VectorHandlers.Ternary<float, SaturateTernary<FlushTernary<TOperation>>>,
        };

    private void DecodeHalf(PtxType type)
    {
        // Subnormals of f16 are kept by .ftz's absence only; NVRTC asks for it with fast mathematics alone, which is refused.
        Allow("rn");
        bool isBrain = type is PtxType.BF16 or PtxType.BF16x2;
        if (isBrain)
        {
            DecodeHalf<BrainFloat16>(type, type == PtxType.BF16x2);
        }
        else
        {
            DecodeHalf<Float16>(type, type == PtxType.F16x2);
        }
    }

    private void DecodeHalf<TFormat>(PtxType type, bool isPacked)
        where TFormat : struct, IHalfFormat
    {
        switch (_syntax.Opcode)
        {
            case "neg" or "abs":
                // Signs only: no arithmetic, so that a NaN stays what it is.
                ulong sign = isPacked ? 0x80008000ul : 0x8000ul;
                bool negates = _syntax.Opcode == "neg";
                int mask = _builder.Constant(4, negates ? sign : ~sign);
                Handler signs = negates ? &VectorHandlers.Binary<int, Xor<int>> : &VectorHandlers.Binary<int, And<int>>;
                Emit(new Instruction { Execute = signs, D = Destination(0, type), A = Source(1, type), B = mask });
                break;
            case "fma":
                Emit(OnThree(isPacked ? &HalfHandlers.PackedFusedMultiplyAdd<TFormat> : &HalfHandlers.FusedMultiplyAdd<TFormat>, type));
                break;
            case "add":
                Emit(OnTwo(HalfBinary<TFormat, Add<float>>(isPacked), type));
                break;
            case "sub":
                Emit(OnTwo(HalfBinary<TFormat, Subtract<float>>(isPacked), type));
                break;
            case "mul":
                Emit(OnTwo(HalfBinary<TFormat, Multiply<float>>(isPacked), type));
                break;
            case "min":
                Emit(OnTwo(HalfBinary<TFormat, MinimumNumber<float>>(isPacked), type));
                break;
            case "max":
                Emit(OnTwo(HalfBinary<TFormat, MaximumNumber<float>>(isPacked), type));
                break;
            default:
                throw Refuse();
        }
    }

    private static Handler HalfBinary<TFormat, TOperation>(bool isPacked)
        where TFormat : struct, IHalfFormat
        where TOperation : struct, IBinary<float> =>
        isPacked ? &HalfHandlers.PackedBinary<TFormat, TOperation> : &HalfHandlers.Binary<TFormat, TOperation>;
}
