using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine;

/// <summary>What one instruction adds to the counts: per active thread <paramref name="Flops"/>, per warp <paramref name="MatrixFlops"/>.</summary>
internal readonly record struct InstructionCost(InstructionClass Class, int Flops, int MatrixFlops);

/// <summary>Sorts instructions by what they are to hardware.</summary>
internal static class CostTable
{
    public static InstructionCost Of(PtxInstruction instruction)
    {
        InstructionClass instructionClass = Classify(instruction);
        return new InstructionCost(instructionClass, Flops(instruction), MatrixFlops(instruction));
    }

    private static InstructionClass Classify(PtxInstruction instruction) => instruction.Opcode switch
    {
        "ld" or "st" or "ldu" or "prefetch" => ClassifyMemory(instruction),
        "atom" or "red" => InstructionClass.Atomic,
        "cp" => InstructionClass.GlobalMemory,
        "ldmatrix" or "stmatrix" => InstructionClass.SharedMemory,
        "mma" => InstructionClass.Matrix,
        "shfl" or "vote" or "match" or "redux" or "activemask" => InstructionClass.Warp,
        "bar" or "barrier" or "membar" or "fence" => InstructionClass.Barrier,
        "bra" or "brx" or "ret" or "exit" or "call" or "trap" or "brkpt" or "nanosleep" => InstructionClass.Control,
        "mov" or "cvta" or "prmt" or "isspacep" => InstructionClass.Move,
        "cvt" => InstructionClass.Convert,
        "setp" or "set" or "selp" or "slct" => InstructionClass.Compare,
        "ex2" or "lg2" or "sin" or "cos" or "tanh" or "rsqrt" or "rcp" or "sqrt" => InstructionClass.Special,
        _ => instruction.Type switch
        {
            PtxType.F32 => InstructionClass.Float32,
            PtxType.F64 => InstructionClass.Float64,
            PtxType.F16 or PtxType.F16x2 or PtxType.BF16 or PtxType.BF16x2 => InstructionClass.Half,
            _ => InstructionClass.Integer,
        },
    };

    private static InstructionClass ClassifyMemory(PtxInstruction instruction) =>
        instruction.Has("shared") || instruction.Has("shared::cta") ? InstructionClass.SharedMemory
        : instruction.Has("local") ? InstructionClass.LocalMemory
        : instruction.Has("const") || instruction.Has("param") ? InstructionClass.ConstantMemory
        : InstructionClass.GlobalMemory;

    private static int Flops(PtxInstruction instruction)
    {
        int width = instruction.Type switch
        {
            PtxType.F32 or PtxType.F64 or PtxType.F16 or PtxType.BF16 => 1,
            PtxType.F16x2 or PtxType.BF16x2 => 2,
            _ => 0,
        };
        return instruction.Opcode switch
        {
            "fma" or "mad" => 2 * width,
            "add" or "sub" or "mul" or "div" or "rcp" or "sqrt" or "rsqrt" or "ex2" or "lg2" or "sin" or "cos" or "tanh" => width,
            _ => 0,
        };
    }

    private static int MatrixFlops(PtxInstruction instruction)
    {
        if (instruction.Opcode != "mma")
        {
            return 0;
        }

        return instruction.Has("m16n8k32") ? 2 * 16 * 8 * 32 : instruction.Has("m16n8k16") ? 2 * 16 * 8 * 16 : 2 * 16 * 8 * 8;
    }
}
