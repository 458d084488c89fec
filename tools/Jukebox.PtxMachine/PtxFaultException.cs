namespace Jukebox.PtxMachine;

/// <summary>A kernel did what stops a launch: a wrong address, a barrier that cannot complete, a trap.</summary>
public sealed class PtxFaultException : Exception
{
    internal PtxFaultException(PtxKernel kernel, Dim3 grid, Dim3 block, Finding finding)
        : base($"{kernel.Name} <<<{grid}, {block}>>>: {finding}")
    {
        Kernel = kernel.Name;
        Grid = grid;
        Block = block;
        Finding = finding;
    }

    public string Kernel { get; }

    public Dim3 Grid { get; }

    /// <summary>Extents of a block.</summary>
    public Dim3 Block { get; }

    /// <summary>Where and what: PTX line, source line, block, thread, address.</summary>
    public Finding Finding { get; }

    /// <summary>True when an address was at fault, as opposed to a barrier, a trap or a hang.</summary>
    public bool IsIllegalAddress => Finding.Kind is FindingKind.OutOfBounds or FindingKind.Misaligned or FindingKind.UseAfterFree or FindingKind.ReadOnly;
}
