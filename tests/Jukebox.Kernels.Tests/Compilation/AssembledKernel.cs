using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Tests.Compilation;

/// <summary>What NVIDIA's assembler reports of one entry point for one architecture.</summary>
internal sealed partial record AssembledKernel(KernelUnit Unit, KernelEntry Entry, int Capability, int Registers, int StaticSharedBytes, int StackBytes, int SpillBytes)
{
    private static readonly Lazy<IReadOnlyList<AssembledKernel>> Everything = new(AssembleAll);

    /// <summary>Every entry point of the kernel table for every architecture that its variant runs on.</summary>
    public static IReadOnlyList<AssembledKernel> All => Everything.Value;

    /// <summary>Warps that a multiprocessor holds of it, with the dynamic shared memory that its launches ask for.</summary>
    public int ResidentWarps => KernelOccupancy.Architectures
        .Single(architecture => architecture.Capability == Capability)
        .ResidentWarps(Entry.BlockThreads, Registers, StaticSharedBytes + Entry.DynamicSharedBytes);

    /// <summary>The entry points of one unit, as machine code for one architecture.</summary>
    public static IEnumerable<AssembledKernel> Of(KernelUnit unit, int capability) => Read(unit, capability, Log(unit, capability));

    private static List<AssembledKernel> AssembleAll()
    {
        var jobs = (
            from unit in KernelUnit.All
            from architecture in KernelOccupancy.Architectures
            where architecture.Capability >= unit.Variant.LeastCapability
            select (unit, architecture.Capability)).ToList();
        var results = new ConcurrentBag<AssembledKernel>();
        Parallel.ForEach(Partitioner.Create(jobs, loadBalance: true), job =>
        {
            foreach (AssembledKernel kernel in Of(job.unit, job.Capability))
            {
                results.Add(kernel);
            }
        });
        return [.. results];
    }

    /// <summary>The assembler's words, from the user's cache of compiled kernels where they are known.</summary>
    private static string Log(KernelUnit unit, int capability)
    {
        const string option = "--ptxas-options=-v";
        Nvrtc compiler = CudaLibrary.FindNvrtc()!;
        var cache = new KernelCache(KernelCache.UserFolder);
        string target = $"sm_{capability}", key = unit.Hash(target, [option, "NVRTC " + compiler.Version]);
        if (cache.Find(key) is { } known)
        {
            return Encoding.UTF8.GetString(known);
        }

        string log = unit.Compile(compiler, target, option).Log;
        cache.Store(key, Encoding.UTF8.GetBytes(log));
        return log;
    }

    private static IEnumerable<AssembledKernel> Read(KernelUnit unit, int capability, string log)
    {
        foreach (KernelEntry entry in unit.Entries)
        {
            string part = log.Split("Compiling entry function ").SingleOrDefault(part => part.StartsWith($"'{entry.Name}'", StringComparison.Ordinal))
                ?? throw new InvalidOperationException($"{unit.Name} for sm_{capability}: nothing is said of {entry.Name}:\n{log}");
            yield return new AssembledKernel(
                unit, entry, capability, Number(RegistersLine(), part), Number(SharedLine(), part), Number(StackLine(), part), Number(StoresLine(), part) + Number(LoadsLine(), part));
        }
    }

    /// <summary>The number that a line gives; what is not mentioned is zero.</summary>
    private static int Number(Regex line, string text) =>
        line.Match(text) is { Success: true } match ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"Used (\d+) registers")]
    private static partial Regex RegistersLine();

    [GeneratedRegex(@"(\d+) bytes smem")]
    private static partial Regex SharedLine();

    [GeneratedRegex(@"(\d+) bytes stack frame")]
    private static partial Regex StackLine();

    [GeneratedRegex(@"(\d+) bytes spill stores")]
    private static partial Regex StoresLine();

    [GeneratedRegex(@"(\d+) bytes spill loads")]
    private static partial Regex LoadsLine();
}
