using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine.Checking;

/// <summary>The findings of one launch: every kind at every instruction once, and no more than a limit.</summary>
internal sealed class FindingLog(KernelProgram program, LaunchGeometry geometry, int limit)
{
    private readonly HashSet<(FindingKind, int)> _known = [];
    private readonly List<Finding> _findings = [];

    public IReadOnlyList<Finding> Findings => _findings;

    public Dim3 Block { get; set; }

    /// <summary>Whether another one of this kind and place would be kept: worth asking before its text is put together.</summary>
    public bool IsNew(FindingKind kind, int instruction) => _findings.Count < limit && !_known.Contains((kind, instruction));

    public void Add(FindingKind kind, int instruction, int thread, ulong address, string what)
    {
        if (IsNew(kind, instruction))
        {
            _known.Add((kind, instruction));
            _findings.Add(FaultReport.Describe(program, geometry, Block, kind, instruction, Math.Min(thread, geometry.Threads - 1), address, what));
        }
    }

    /// <summary>Where an instruction stands, for messages that name a second one.</summary>
    public string PlaceOf(int instruction) => $"PTX line {program.Syntax[instruction].Line}";
}
