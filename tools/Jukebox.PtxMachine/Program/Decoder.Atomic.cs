using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private static readonly string[] AtomicModifiers =
    [
        "global", "shared", "shared::cta", "relaxed", "acquire", "release", "acq_rel", "cta", "cluster", "gpu", "sys", "noftz",
        "add", "min", "max", "and", "or", "xor", "exch", "cas", "inc", "dec",
    ];

    private void DecodeAtomic()
    {
        Allow(AtomicModifiers);
        PtxType type = _syntax.Type;
        int first = _syntax.Opcode == "atom" ? 1 : 0, laneBytes = LaneBytes(type);
        Operand address = Operand(first);
        Space space = SpaceOf(address);
        var instruction = new Instruction
        {
            D = first == 0 ? _builder.Scratch : Destination(Operand(0), laneBytes),
            C = Source(first + 1, type),
            Detail = (byte)(_syntax.Has("release") || _syntax.Has("acq_rel") ? ScopeOfFence() : FenceScope.None),
        };
        instruction.D1 = _syntax.Has("cas") ? Source(first + 2, type) : instruction.C;
        SetAddress(ref instruction, address, space);
        instruction.Execute = space switch
        {
            Space.Global => Atomic<GlobalSpace>(type),
            Space.Shared => Atomic<SharedSpace>(type),
            Space.Generic => Atomic<GenericSpace>(type),
            _ => throw Refuse(),
        };
        Emit(instruction);
    }

    private string AtomicName() => _syntax.Modifiers.First(modifier => modifier is "add" or "min" or "max" or "and" or "or" or "xor" or "exch" or "cas" or "inc" or "dec");

    private Handler Atomic<TSpace>(PtxType type)
        where TSpace : struct, ISpace => (AtomicName(), type) switch
        {
            ("add", PtxType.U32 or PtxType.S32) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicAdd<uint>>,
            ("add", PtxType.U64 or PtxType.S64) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicAdd<ulong>>,
            ("add", PtxType.F32) => &AtomicHandlers.Update<TMode, TSpace, float, uint, AtomicAdd<float>>,
            ("add", PtxType.F64) => &AtomicHandlers.Update<TMode, TSpace, double, ulong, AtomicAdd<double>>,
            ("add", PtxType.F16) => &AtomicHandlers.Update<TMode, TSpace, ushort, uint, AtomicAddHalf<Float16>>,
            ("add", PtxType.BF16) => &AtomicHandlers.Update<TMode, TSpace, ushort, uint, AtomicAddHalf<BrainFloat16>>,
            ("add", PtxType.F16x2) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicAddPair<Float16>>,
            ("add", PtxType.BF16x2) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicAddPair<BrainFloat16>>,
            ("min", PtxType.U32) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicMinimum<uint>>,
            ("min", PtxType.S32) => &AtomicHandlers.Update<TMode, TSpace, int, uint, AtomicMinimum<int>>,
            ("min", PtxType.U64) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicMinimum<ulong>>,
            ("min", PtxType.S64) => &AtomicHandlers.Update<TMode, TSpace, long, ulong, AtomicMinimum<long>>,
            ("max", PtxType.U32) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicMaximum<uint>>,
            ("max", PtxType.S32) => &AtomicHandlers.Update<TMode, TSpace, int, uint, AtomicMaximum<int>>,
            ("max", PtxType.U64) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicMaximum<ulong>>,
            ("max", PtxType.S64) => &AtomicHandlers.Update<TMode, TSpace, long, ulong, AtomicMaximum<long>>,
            ("inc", PtxType.U32) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicIncrement>,
            ("dec", PtxType.U32) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicDecrement>,
            _ => AtomicBits<TSpace>(type.LengthBytes()),
        };

    private Handler AtomicBits<TSpace>(int lengthBytes)
        where TSpace : struct, ISpace => (AtomicName(), lengthBytes) switch
        {
            ("and", 4) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicAnd<uint>>,
            ("and", 8) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicAnd<ulong>>,
            ("or", 4) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicOr<uint>>,
            ("or", 8) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicOr<ulong>>,
            ("xor", 4) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicXor<uint>>,
            ("xor", 8) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicXor<ulong>>,
            ("exch", 4) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicExchange<uint>>,
            ("exch", 8) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicExchange<ulong>>,
            ("cas", 2) => &AtomicHandlers.Update<TMode, TSpace, ushort, uint, AtomicCompareAndSwap<ushort>>,
            ("cas", 4) => &AtomicHandlers.Update<TMode, TSpace, uint, uint, AtomicCompareAndSwap<uint>>,
            ("cas", 8) => &AtomicHandlers.Update<TMode, TSpace, ulong, ulong, AtomicCompareAndSwap<ulong>>,
            _ => throw Refuse(),
        };
}
