using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine.Program;

/// <summary>The parts of <c>call (results), function, (arguments)</c>.</summary>
internal static class CallSite
{
    /// <summary>The function that an instruction calls by name, or null.</summary>
    public static string? CalleeName(PtxInstruction instruction) =>
        instruction.Opcode == "call" ? instruction.Operands.FirstOrDefault(o => o.Kind == OperandKind.Symbol)?.Name : null;

    /// <summary>Names of the variables that receive the results.</summary>
    public static string[] Results(PtxInstruction call) =>
        call.Operands[0].Kind == OperandKind.List ? Names(call.Operands[0]) : [];

    /// <summary>Names of the variables that hold the arguments.</summary>
    public static string[] Arguments(PtxInstruction call)
    {
        int function = Array.FindIndex(call.Operands, o => o.Kind == OperandKind.Symbol);
        return function + 1 < call.Operands.Length && call.Operands[function + 1].Kind == OperandKind.List ? Names(call.Operands[function + 1]) : [];
    }

    private static string[] Names(Operand list) => [.. list.Parts.Select(part => part.Name)];
}
