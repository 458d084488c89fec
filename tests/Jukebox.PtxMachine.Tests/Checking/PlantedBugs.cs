using System.Text.RegularExpressions;

namespace Jukebox.PtxMachine.Tests.Checking;

/// <summary>The kernels of a source file, each with the findings that its comments <c>// BUG Kind</c> announce: one of several kinds where there is more than one.</summary>
internal sealed partial class PlantedBugs
{
    private PlantedBugs(Dictionary<string, List<(FindingKind Kind, int Line)>> byKernel)
    {
        ByKernel = byKernel;
    }

    /// <summary>Kernel to what is planted in it, and on which line; correct kernels have nothing.</summary>
    public IReadOnlyDictionary<string, List<(FindingKind Kind, int Line)>> ByKernel { get; }

    public static PlantedBugs Read(string file)
    {
        var result = new Dictionary<string, List<(FindingKind, int)>>();
        List<(FindingKind, int)> current = [];
        string[] lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Kernels", file));
        for (int index = 0; index < lines.Length; index++)
        {
            if (KernelPattern().Match(lines[index]) is { Success: true } kernel)
            {
                current = [];
                result[kernel.Groups[1].Value] = current;
            }

            if (BugPattern().Match(lines[index]) is { Success: true } bug)
            {
                current.AddRange(bug.Groups[1].Value.Split(' ').Select(kind => (Enum.Parse<FindingKind>(kind), index + 1)));
            }
        }

        return new PlantedBugs(result);
    }

    [GeneratedRegex(@"__global__ void (\w+)\(")]
    private static partial Regex KernelPattern();

    [GeneratedRegex(@"// BUG ([\w ]+)$")]
    private static partial Regex BugPattern();
}
