using Jukebox.PtxMachine.Parsing;

namespace Jukebox.PtxMachine;

/// <summary>One PTX text, read. Immutable; may be loaded many times and from several threads.</summary>
public sealed class PtxModule
{
    private PtxModule(ModuleSyntax syntax, string fileName)
    {
        Syntax = syntax;
        FileName = fileName;
        Kernels = syntax.Functions.Values.Where(f => f.IsKernel).ToDictionary(f => f.Name, f => new PtxKernel(this, f));
        Globals = [.. syntax.Variables.Values.Where(v => v.Space is VariableSpace.Global or VariableSpace.Const).Select(v => new PtxGlobal(v))];
    }

    /// <summary>The name given to <see cref="Parse"/>, for messages.</summary>
    public string FileName { get; }

    /// <summary>Such as <c>sm_80</c>.</summary>
    public string Target => Syntax.Target;

    /// <summary>The PTX version, such as <c>8.8</c>.</summary>
    public string Version => Syntax.Version;

    /// <summary>Entry points by name.</summary>
    public IReadOnlyDictionary<string, PtxKernel> Kernels { get; }

    /// <summary>Variables in global and constant memory.</summary>
    public IReadOnlyList<PtxGlobal> Globals { get; }

    internal ModuleSyntax Syntax { get; }

    /// <summary>Reads PTX text.</summary>
    /// <exception cref="PtxException">The text is not PTX, or says something that the machine does not know.</exception>
    public static PtxModule Parse(string text, string fileName) => new(PtxParser.Parse(text, fileName), fileName);

    /// <summary>The path behind a <c>.file</c> number, or null.</summary>
    internal string? SourceFile(int index) => Syntax.SourceFiles.GetValueOrDefault(index);
}

/// <summary>A variable of a module in global or constant memory.</summary>
public sealed class PtxGlobal
{
    internal PtxGlobal(Variable variable)
    {
        Variable = variable;
    }

    public string Name => Variable.Name;

    public long LengthBytes => Variable.LengthBytes;

    public int Alignment => Variable.Alignment;

    /// <summary>In constant memory: a kernel that writes it is at fault.</summary>
    public bool IsConstant => Variable.Space == VariableSpace.Const;

    internal Variable Variable { get; }
}
