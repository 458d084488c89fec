using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

internal sealed unsafe partial class Decoder<TMode>
{
    private void DecodeMatrix()
    {
        switch (_syntax.Opcode)
        {
            case "mma":
                DecodeMultiply();
                break;
            case "ldmatrix" or "stmatrix":
                DecodeMatrixAccess(_syntax.Opcode == "ldmatrix");
                break;
            default:
                throw Refuse();
        }
    }

    /// <summary>D, A, B, C of <c>mma</c> are vectors of registers; a single register may be written without braces.</summary>
    private Operand[] Fragment(int index) => Operand(index).Kind == OperandKind.Vector ? Operand(index).Parts : [Operand(index)];

    private void DecodeMultiply()
    {
        Allow("sync", "aligned", "m16n8k8", "m16n8k16", "m16n8k32", "row", "col", "satfinite");
        if (!_syntax.Has("sync") || !_syntax.Has("row") || !_syntax.Has("col") || Array.FindAll(_syntax.Modifiers, m => m == "row").Length != 1)
        {
            throw Refuse("only .sync.aligned with .row.col is known");
        }

        int depth = _syntax.Has("m16n8k8") ? 8 : _syntax.Has("m16n8k16") ? 16 : 32;
        PtxType a = _syntax.FindType(2), b = _syntax.FindType(1);
        Handler handler = (depth, _syntax.FindType(3), a, b, _syntax.FindType(0)) switch
        {
            (8 or 16, PtxType.F32, PtxType.F16, PtxType.F16, PtxType.F32) => &MatrixHandlers.MultiplyHalf<TMode, Float16>,
            (8 or 16, PtxType.F32, PtxType.BF16, PtxType.BF16, PtxType.F32) => &MatrixHandlers.MultiplyHalf<TMode, BrainFloat16>,
            (16 or 32, PtxType.S32, PtxType.S8, PtxType.S8, PtxType.S32) => &MatrixHandlers.MultiplyBytes<TMode, SignedByte, SignedByte>,
            (16 or 32, PtxType.S32, PtxType.S8, PtxType.U8, PtxType.S32) => &MatrixHandlers.MultiplyBytes<TMode, SignedByte, UnsignedByte>,
            (16 or 32, PtxType.S32, PtxType.U8, PtxType.S8, PtxType.S32) => &MatrixHandlers.MultiplyBytes<TMode, UnsignedByte, SignedByte>,
            (16 or 32, PtxType.S32, PtxType.U8, PtxType.U8, PtxType.S32) => &MatrixHandlers.MultiplyBytes<TMode, UnsignedByte, UnsignedByte>,
            _ => throw Refuse(),
        };
        int elementBits = 8 * a.LengthBytes();
        RequireCount(0, 4);
        RequireCount(1, 16 * depth * elementBits / 32 / Lanes.Count);
        RequireCount(2, 8 * depth * elementBits / 32 / Lanes.Count);
        RequireCount(3, 4);
        int[] sources = [.. Fragment(1).Concat(Fragment(2)).Concat(Fragment(3)).Select(operand => Source(operand, 4, 4))];
        var instruction = new Instruction { Execute = handler, Detail = (byte)depth, Immediate = _syntax.Has("satfinite") ? 1 : 0, Extra = _builder.AllocateExtra(sources.Length) };
        for (int k = 0; k < sources.Length; k++)
        {
            instruction.Extra[k] = sources[k];
        }

        int[] results = [.. Fragment(0).Select(operand => Destination(operand, 4))];
        (instruction.D, instruction.D1, instruction.D2, instruction.D3) = (results[0], results[1], results[2], results[3]);
        Emit(instruction);
    }

    private void RequireCount(int index, int count)
    {
        if (Fragment(index).Length != count)
        {
            throw Refuse($"operand {index + 1} has {Fragment(index).Length} registers instead of {count}");
        }
    }

    private void DecodeMatrixAccess(bool isLoad)
    {
        Allow("sync", "aligned", "m8n8", "x1", "x2", "x4", "trans", "shared", "shared::cta");
        int count = _syntax.Has("x4") ? 4 : _syntax.Has("x2") ? 2 : 1;
        if (_syntax.Type != PtxType.B16 || !_syntax.Has("m8n8"))
        {
            throw Refuse("only .m8n8 of .b16 is known");
        }

        if (!_syntax.Has("shared") && !_syntax.Has("shared::cta"))
        {
            throw Refuse("only shared addresses are known");
        }

        RequireCount(isLoad ? 0 : 1, count);
        Operand[] registers = Fragment(isLoad ? 0 : 1);
        int[] slots = [.. registers.Select(operand => isLoad ? Destination(operand, 4) : Source(operand, 4, 4)), 0, 0, 0];
        var instruction = new Instruction
        {
            Execute = isLoad ? &MatrixHandlers.LoadMatrices<TMode> : &MatrixHandlers.StoreMatrices<TMode>,
            Detail = (byte)count,
            C = _syntax.Has("trans") ? 1 : 0,
            D = slots[0],
            D1 = slots[1],
            D2 = slots[2],
            D3 = slots[3],
        };
        SetAddress(ref instruction, Operand(isLoad ? 1 : 0), Space.Shared);
        Emit(instruction);
    }
}
