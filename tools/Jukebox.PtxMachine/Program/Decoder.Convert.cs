using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeConvert()
    {
        Allow("rn", "rz", "rm", "rp", "rni", "rzi", "rmi", "rpi", "rna", "ftz", "sat", "relu");
        PtxType source = _syntax.Type, result = _syntax.FindType(1);
        if (result is PtxType.F16x2 or PtxType.BF16x2)
        {
            DecodePairConversion(source, result);
            return;
        }

        if (source is PtxType.F16x2 or PtxType.BF16x2 or PtxType.None || result == PtxType.None)
        {
            throw Refuse();
        }

        Operand from = Operand(1), to = Operand(0);
        int sourceBytes = from.Register is Register register ? LaneBytes(register) : LaneBytes(source);
        int resultBytes = to.Register is Register target ? LaneBytes(target) : LaneBytes(result);
        var instruction = new Instruction
        {
            D = Destination(to, resultBytes),
            A = Source(from, sourceBytes, source.LengthBytes()),
            Execute = CommonConversion(source, result, sourceBytes, resultBytes, to.Register),
        };
        if (instruction.Execute == null)
        {
            instruction.Execute = &ConvertHandlers.Any;
            instruction.Extra = AllocateConversion(source, result, sourceBytes == 8, resultBytes == 8, to.Register?.Type.LengthBytes() == 2);
        }

        Emit(instruction);
    }

    private void DecodePairConversion(PtxType source, PtxType result)
    {
        if (source != PtxType.F32 || _syntax.Operands.Length != 3 || !_syntax.Has("rn") || _syntax.Has("relu") || _syntax.Has("sat"))
        {
            throw Refuse();
        }

        Handler handler = result == PtxType.F16x2 ? &ConvertHandlers.FloatsToPair<Float16> : &ConvertHandlers.FloatsToPair<BrainFloat16>;
        Emit(new Instruction { Execute = handler, D = Destination(0, PtxType.B32), A = Source(1, PtxType.F32), B = Source(2, PtxType.F32) });
    }

    /// <summary>A vector handler for conversions without flags between usual widths, or null.</summary>
    private Handler CommonConversion(PtxType source, PtxType result, int sourceBytes, int resultBytes, Register? target)
    {
        bool isPlain = !_syntax.Has("sat") && !_syntax.Has("ftz") && !_syntax.Has("relu");
        int targetBytes = target?.Type.LengthBytes() ?? result.LengthBytes();
        if (!isPlain)
        {
            return (source, result, _syntax.Modifiers) is (PtxType.F32, PtxType.F32, ["sat", ..]) ? &VectorHandlers.Unary<float, Saturate> : null;
        }

        if (source.IsFloat() || result.IsFloat())
        {
            return CommonFloatConversion(source, result);
        }

        return (sourceBytes, resultBytes) switch
        {
            (4, 8) when source is PtxType.S32 && result.LengthBytes() == 8 => &WideHandlers.Widen<SignedWidening>,
            (4, 8) when source is PtxType.U32 or PtxType.U16 && result.LengthBytes() == 8 => &WideHandlers.Widen<UnsignedWidening>,
            (8, 4) when result.LengthBytes() == 4 && targetBytes == 4 && source.LengthBytes() == 8 => &WideHandlers.Narrow,
            (4, 4) when result is PtxType.U16 or PtxType.S16 && targetBytes == 2 && source.LengthBytes() >= 2 => &VectorHandlers.Unary<int, ZeroExtend16>,
            (4, 4) when targetBytes == 4 && result.LengthBytes() == 4 && source == PtxType.U16 => &VectorHandlers.Unary<int, ZeroExtend16>,
            (4, 4) when targetBytes == 4 && result.LengthBytes() == 4 && source == PtxType.S16 => &VectorHandlers.Unary<int, SignExtend16>,
            (4, 4) when targetBytes == 4 && result.LengthBytes() == 4 && source == PtxType.U8 => &VectorHandlers.Unary<int, ZeroExtend8>,
            (4, 4) when targetBytes == 4 && result.LengthBytes() == 4 && source == PtxType.S8 => &VectorHandlers.Unary<int, SignExtend8>,
            _ => null,
        };
    }

    private Handler CommonFloatConversion(PtxType source, PtxType result) => (source, result, _syntax.Modifiers[0]) switch
    {
        (PtxType.F16, PtxType.F32, "f32") => &ConvertHandlers.HalfToFloat<Float16>,
        (PtxType.BF16, PtxType.F32, "f32") => &ConvertHandlers.HalfToFloat<BrainFloat16>,
        (PtxType.F32, PtxType.F16, "rn") => &ConvertHandlers.FloatToHalf<Float16>,
        (PtxType.F32, PtxType.BF16, "rn") => &ConvertHandlers.FloatToHalf<BrainFloat16>,
        (PtxType.S32, PtxType.F32, "rn") => &ConvertHandlers.SignedToFloat,
        (PtxType.F32, PtxType.S32, "rni") => &ConvertHandlers.FloatToSigned<NearestWhole>,
        (PtxType.F32, PtxType.S32, "rzi") => &ConvertHandlers.FloatToSigned<TruncatedWhole>,
        (PtxType.F32, PtxType.S32, "rmi") => &ConvertHandlers.FloatToSigned<LowerWhole>,
        (PtxType.F32, PtxType.S32, "rpi") => &ConvertHandlers.FloatToSigned<UpperWhole>,
        (PtxType.F32, PtxType.F32, "rni") => &VectorHandlers.Unary<float, NearestWhole>,
        (PtxType.F32, PtxType.F32, "rzi") => &VectorHandlers.Unary<float, TruncatedWhole>,
        (PtxType.F32, PtxType.F32, "rmi") => &VectorHandlers.Unary<float, LowerWhole>,
        (PtxType.F32, PtxType.F32, "rpi") => &VectorHandlers.Unary<float, UpperWhole>,
        _ => null,
    };

    private int* AllocateConversion(PtxType source, PtxType result, bool sourceIsWide, bool resultIsWide, bool resultIs16)
    {
        int* extra = _builder.AllocateExtra(sizeof(Conversion) / sizeof(int) + 1);
        bool isBetweenFloats = source.IsFloat() && result.IsFloat();
        bool toWhole = _syntax.Has("rni") || _syntax.Has("rzi") || _syntax.Has("rmi") || _syntax.Has("rpi");
        if (source.IsFloat() && !result.IsFloat() && !toWhole)
        {
            throw Refuse("a rounding to whole numbers is missing");
        }

        *(Conversion*)extra = new Conversion
        {
            Source = source,
            Result = result,
            Rounding = _syntax.Has("rz") ? Rounding.Zero : _syntax.Has("rm") ? Rounding.Down : _syntax.Has("rp") ? Rounding.Up : Rounding.Nearest,
            ToWhole = toWhole,
            WholeRounding = _syntax.Has("rzi") ? Rounding.Zero : _syntax.Has("rmi") ? Rounding.Down : _syntax.Has("rpi") ? Rounding.Up : Rounding.Nearest,
            Flushes = _syntax.Has("ftz"),
            Saturates = _syntax.Has("sat") && (isBetweenFloats || result.IsFloat() || !source.IsFloat()),
            Rectifies = _syntax.Has("relu"),
            SourceIsWide = sourceIsWide,
            ResultIsWide = resultIsWide,
            ResultIs16 = resultIs16,
        };
        return extra;
    }
}
