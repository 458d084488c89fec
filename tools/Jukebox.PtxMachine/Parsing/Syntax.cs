namespace Jukebox.PtxMachine.Parsing;

internal enum OperandKind : byte
{
    Register,
    Immediate,

    /// <summary>A variable's or a function's name, with an optional byte offset.</summary>
    Symbol,

    /// <summary><c>[base + offset]</c>; the base is <see cref="Operand.Parts"/>[0]: a register, a symbol or an immediate.</summary>
    Address,

    /// <summary><c>{a, b, ...}</c>.</summary>
    Vector,

    /// <summary><c>(a, b, ...)</c> of a call.</summary>
    List,

    /// <summary><c>a|b</c>: a destination and the predicate beside it.</summary>
    Pair,

    /// <summary><c>_</c>: a result that nobody wants.</summary>
    Sink,
}

/// <summary>One operand as written.</summary>
internal sealed class Operand
{
    public required OperandKind Kind { get; init; }

    public Register? Register { get; init; }

    /// <summary>Bits of an immediate: an integer in two's complement, or a float's pattern.</summary>
    public ulong Bits { get; init; }

    public string Name { get; init; } = string.Empty;

    public long Offset { get; init; }

    /// <summary><c>!p</c>.</summary>
    public bool Negated { get; init; }

    public Operand[] Parts { get; init; } = [];
}

/// <summary>A virtual register; scopes are resolved, so two of one name are two objects.</summary>
internal sealed record Register(string Name, PtxType Type, int Index);

internal enum VariableSpace : byte
{
    Global,
    Const,
    Shared,
    Local,
    Param,
}

/// <summary>A variable outside the registers. <see cref="LengthBytes"/> is 0 for an extern array: dynamic shared memory.</summary>
internal sealed record Variable(string Name, VariableSpace Space, PtxType Type, long LengthBytes, int Alignment, int Line, bool IsExternal)
{
    public List<Initializer> Initializers { get; } = [];
}

/// <summary>A piece of a variable's first contents: bits of one element, or the address of a symbol.</summary>
internal readonly record struct Initializer(long Offset, int LengthBytes, ulong Bits, string? Symbol);

/// <summary>One instruction as written.</summary>
internal sealed class PtxInstruction
{
    public required string Opcode { get; init; }

    /// <summary>What follows the opcode, without dots: <c>ld.global.f32</c> has <c>global</c> and <c>f32</c>.</summary>
    public required string[] Modifiers { get; init; }

    public required Operand[] Operands { get; init; }

    public Register? Guard { get; init; }

    public bool GuardNegated { get; init; }

    public required int Line { get; init; }

    /// <summary>Index into the module's source files, and the line there; 0 where the compiler left no trace.</summary>
    public int SourceFile { get; init; }

    public int SourceLine { get; init; }

    public string FullName => Modifiers.Length == 0 ? Opcode : Opcode + "." + string.Join('.', Modifiers);

    public bool Has(string modifier) => Array.IndexOf(Modifiers, modifier) >= 0;

    /// <summary>The last modifier that is a type.</summary>
    public PtxType Type => FindType(0);

    /// <summary>The type <paramref name="fromLast"/> types before the last.</summary>
    public PtxType FindType(int fromLast)
    {
        for (int i = Modifiers.Length - 1; i >= 0; i--)
        {
            PtxType type = PtxTypes.Find(Modifiers[i]);
            if (type != PtxType.None && fromLast-- == 0)
            {
                return type;
            }
        }

        return PtxType.None;
    }
}

/// <summary>A kernel or a device function as written.</summary>
internal sealed class PtxFunction
{
    public required string Name { get; init; }

    public required bool IsKernel { get; init; }

    public required int Line { get; init; }

    public List<Variable> Parameters { get; } = [];

    public List<Variable> Results { get; } = [];

    public List<Register> Registers { get; } = [];

    public List<Variable> Variables { get; } = [];

    public List<PtxInstruction> Instructions { get; } = [];

    /// <summary>Label to the index of the instruction after it.</summary>
    public Dictionary<string, int> Labels { get; } = [];

    /// <summary>Tables of <c>.branchtargets</c>, by label.</summary>
    public Dictionary<string, string[]> BranchTables { get; } = [];

    public Dim3? MaxThreads { get; set; }

    public Dim3? RequiredThreads { get; set; }

    public int MinBlocksPerMultiprocessor { get; set; }

    /// <summary>False for a mere declaration of something defined elsewhere.</summary>
    public bool HasBody { get; set; }
}
