using System.Text;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;
using Xunit;

namespace Jukebox.Tests.Compilation;

/// <summary>
/// Every kernel as machine code for every architecture: NVIDIA's assembler accepts it and keeps it in registers, and the table
/// in <c>kernels/README.md</c> is what it says.
/// </summary>
public sealed class AssemblyTests
{
    private const string Start = "<!-- registers: generated, see above -->\n";
    private const string End = "<!-- end -->\n";

    private static string ReadmePath => Path.Combine(Repository.Root, "kernels", "README.md");

    [SkippableFact]
    public void EveryKernelAssemblesForEveryArchitectureWithoutSpills()
    {
        RequireCompiler();
        Assert.Equal(KernelTable.Entries.ToHashSet(), AssembledKernel.All.Select(kernel => kernel.Entry).ToHashSet());
        string[] wrong = [.. AssembledKernel.All
            .Where(kernel => kernel.SpillBytes > 0 || kernel.StackBytes > 0 || kernel.ResidentWarps == 0)
            .Select(kernel => $"{kernel.Entry.Name} of {kernel.Unit.Name} for sm_{kernel.Capability}: {kernel.SpillBytes} bytes spilled, {kernel.StackBytes} bytes of stack, "
                + $"{kernel.StaticSharedBytes} + {kernel.Entry.DynamicSharedBytes} bytes of shared memory, {kernel.ResidentWarps} warps per multiprocessor")
            .Order(StringComparer.Ordinal)];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [SkippableFact]
    public void TheReadmesTableIsWhatTheAssemblerSays()
    {
        RequireCompiler();
        string readme = File.ReadAllText(ReadmePath), table = Table();
        int start = readme.IndexOf(Start, StringComparison.Ordinal) + Start.Length, end = readme.IndexOf(End, StringComparison.Ordinal);
        Assert.True(start > Start.Length && end >= start, $"{ReadmePath} has no place for the table");
        if (Repository.IsRenewing)
        {
            File.WriteAllText(ReadmePath, readme[..start] + table + readme[end..]);
        }
        else
        {
            Assert.True(readme[start..end] == table, $"kernels/README.md is out of date; it says how to renew it. Now:\n{table}");
        }
    }

    internal static void RequireCompiler() =>
        Skip.If(CudaLibrary.FindNvrtc() is null, $"there is no NVRTC; {CudaLibrary.NvrtcVariable} may name one");

    private static string Table()
    {
        var text = new StringBuilder("| unit: entry point | block | shared bytes, static + dynamic |");
        text.AppendJoin("", KernelOccupancy.Architectures.Select(architecture => $" {architecture.Capability} |")).Append('\n');
        text.Append("| --- | --- | --- |").Insert(text.Length, " --- |", KernelOccupancy.Architectures.Count).Append('\n');
        var rows = AssembledKernel.All
            .GroupBy(kernel => (Unit: kernel.Unit.Name, Entry: kernel.Entry.Name))
            .OrderBy(row => row.Key.Unit, StringComparer.Ordinal)
            .ThenBy(row => row.Key.Entry, StringComparer.Ordinal);
        foreach (var row in rows)
        {
            KernelEntry entry = row.First().Entry;
            text.Append($"| {row.Key.Unit}: {row.Key.Entry} | {entry.BlockThreads} | {row.Max(kernel => kernel.StaticSharedBytes)} + {entry.DynamicSharedBytes} |");
            foreach (KernelOccupancy architecture in KernelOccupancy.Architectures)
            {
                AssembledKernel? kernel = row.SingleOrDefault(kernel => kernel.Capability == architecture.Capability);
                text.Append(kernel is null ? " |" : $" {kernel.Registers} / {kernel.ResidentWarps} |");
            }

            text.Append('\n');
        }

        return text.ToString();
    }
}
