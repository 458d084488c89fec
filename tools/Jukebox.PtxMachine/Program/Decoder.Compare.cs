using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private static readonly string[] ComparisonModifiers =
    [
        "eq", "ne", "lt", "le", "gt", "ge", "lo", "ls", "hi", "hs",
        "equ", "neu", "ltu", "leu", "gtu", "geu", "num", "nan", "and", "or", "xor", "ftz",
    ];

    private void DecodeCompare()
    {
        Allow(ComparisonModifiers);
        PtxType type = _syntax.Type;
        if (_syntax.Opcode == "set")
        {
            DecodeSet(type);
            return;
        }

        Operand result = Operand(0);
        Operand[] results = result.Kind == OperandKind.Pair ? result.Parts : [result];
        Emit(Comparison(type, Destination(results[0], 0), results.Length == 2 ? Destination(results[1], 0) : CompareHandlers.None));
    }

    /// <summary><c>set</c> as a comparison and a selection of all bits, or of 1.0.</summary>
    private void DecodeSet(PtxType type)
    {
        PtxType resultType = _syntax.FindType(1);
        ulong yes = resultType switch
        {
            PtxType.F32 => BitConverter.SingleToUInt32Bits(1),
            PtxType.U32 or PtxType.S32 => uint.MaxValue,
            _ => throw Refuse(),
        };
        int predicate = _builder.AllocatePredicate();
        EmitAsIs(Comparison(type, predicate, CompareHandlers.None) with { Guard = -1 });
        Emit(new Instruction { Execute = &VectorHandlers.Select<uint>, D = Destination(0, resultType), A = _builder.Constant(4, yes), B = _builder.Constant(4, 0), C = predicate });
    }

    private Instruction Comparison(PtxType type, int result, int opposite)
    {
        byte detail = 0;
        int other = 0;
        if (Operand(_syntax.Operands.Length - 1) is var last && _syntax.Operands.Length == 4)
        {
            other = last.Kind == OperandKind.Immediate ? Predicate(last) : _builder.Slot(last.Register!);
            detail = (byte)(_syntax.Has("and") ? 1 : _syntax.Has("or") ? 2 : 3);
            detail += (byte)(last.Negated ? 4 : 0);
        }

        return new Instruction { Execute = Compare(type), D = result, D1 = opposite, A = Source(1, type), B = Source(2, type), C = other, Detail = detail };
    }

    private Handler Compare(PtxType type)
    {
        string comparison = _syntax.Modifiers[0];
        return type switch
        {
            PtxType.B16 or PtxType.U16 or PtxType.B32 or PtxType.U32 => CompareInteger<uint>(comparison),
            PtxType.S16 => CompareSigned16(comparison),
            PtxType.S32 => CompareInteger<int>(comparison),
            PtxType.B64 or PtxType.U64 => CompareInteger<ulong>(comparison),
            PtxType.S64 => CompareInteger<long>(comparison),
            PtxType.F32 => CompareFloat32(comparison),
            PtxType.F64 => CompareFloat<double, Plain<double>>(comparison),
            PtxType.F16 => CompareFloat<int, HalfOperands<Float16>>(comparison),
            PtxType.BF16 => CompareFloat<int, HalfOperands<BrainFloat16>>(comparison),
            _ => throw Refuse(),
        };
    }

    private Handler CompareInteger<T>(string comparison)
        where T : unmanaged => comparison switch
        {
            "eq" => &CompareHandlers.SetPredicate<T, IsEqual<T>>,
            "ne" => &CompareHandlers.SetPredicate<T, Not<T, IsEqual<T>>>,
            "lt" or "lo" => &CompareHandlers.SetPredicate<T, IsLess<T>>,
            "le" or "ls" => &CompareHandlers.SetPredicate<T, IsLessOrEqual<T>>,
            "gt" or "hi" => &CompareHandlers.SetPredicate<T, Swapped<T, IsLess<T>>>,
            "ge" or "hs" => &CompareHandlers.SetPredicate<T, Swapped<T, IsLessOrEqual<T>>>,
            _ => throw Refuse(),
        };

    private Handler CompareSigned16(string comparison) => comparison switch
    {
        "eq" => &CompareHandlers.SetPredicate<uint, IsEqual<uint>>,
        "ne" => &CompareHandlers.SetPredicate<uint, Not<uint, IsEqual<uint>>>,
        "lt" => &CompareHandlers.SetPredicate<int, SignedCompare16<IsLess<int>>>,
        "le" => &CompareHandlers.SetPredicate<int, SignedCompare16<IsLessOrEqual<int>>>,
        "gt" => &CompareHandlers.SetPredicate<int, SignedCompare16<Swapped<int, IsLess<int>>>>,
        "ge" => &CompareHandlers.SetPredicate<int, SignedCompare16<Swapped<int, IsLessOrEqual<int>>>>,
        _ => throw Refuse(),
    };

    private Handler CompareFloat32(string comparison) =>
        _syntax.Has("ftz") ? CompareFloat<float, Flushed>(comparison) : CompareFloat<float, Plain<float>>(comparison);

    /// <summary>The unordered comparisons are the opposites of the ordered ones the other way round.</summary>
    private Handler CompareFloat<T, TOperands>(string comparison)
        where T : unmanaged
        where TOperands : struct, IFloatOperands<T> => comparison switch
        {
            "eq" => &CompareHandlers.SetPredicate<T, FloatEqual<T, TOperands>>,
            "ne" => &CompareHandlers.SetPredicate<T, FloatNotEqual<T, TOperands>>,
            "lt" => &CompareHandlers.SetPredicate<T, FloatLess<T, TOperands>>,
            "le" => &CompareHandlers.SetPredicate<T, FloatLessOrEqual<T, TOperands>>,
            "gt" => &CompareHandlers.SetPredicate<T, Swapped<T, FloatLess<T, TOperands>>>,
            "ge" => &CompareHandlers.SetPredicate<T, Swapped<T, FloatLessOrEqual<T, TOperands>>>,
            "equ" => &CompareHandlers.SetPredicate<T, Not<T, FloatNotEqual<T, TOperands>>>,
            "neu" => &CompareHandlers.SetPredicate<T, Not<T, FloatEqual<T, TOperands>>>,
            "ltu" => &CompareHandlers.SetPredicate<T, Not<T, Swapped<T, FloatLessOrEqual<T, TOperands>>>>,
            "leu" => &CompareHandlers.SetPredicate<T, Not<T, Swapped<T, FloatLess<T, TOperands>>>>,
            "gtu" => &CompareHandlers.SetPredicate<T, Not<T, FloatLessOrEqual<T, TOperands>>>,
            "geu" => &CompareHandlers.SetPredicate<T, Not<T, FloatLess<T, TOperands>>>,
            "num" => &CompareHandlers.SetPredicate<T, FloatNumbers<T, TOperands>>,
            "nan" => &CompareHandlers.SetPredicate<T, Not<T, FloatNumbers<T, TOperands>>>,
            _ => throw Refuse(),
        };
}
