using Jukebox.PtxMachine.Parsing;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Execution;

/// <summary>Turns an instruction's place into a <see cref="Finding"/>.</summary>
internal static class FaultReport
{
    public static Finding Describe(KernelProgram program, in LaunchGeometry geometry, Dim3 block, FindingKind kind, int instruction, int thread, ulong address, string what)
    {
        PtxInstruction syntax = program.Syntax[instruction];
        return new Finding
        {
            Kind = kind,
            What = what,
            Instruction = syntax.FullName,
            PtxFile = program.Kernel.Module.FileName,
            PtxLine = syntax.Line,
            SourceFile = syntax.SourceLine == 0 ? null : program.Kernel.Module.SourceFile(syntax.SourceFile),
            SourceLine = syntax.SourceLine,
            Block = block,
            Thread = geometry.Block.At(thread),
            Address = address,
        };
    }
}
