using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Xunit;

namespace Jukebox.Tests;

/// <summary>Every backend that this machine can run: one row per backend and instruction set.</summary>
public static class TestBackends
{
    private static readonly Dictionary<string, CpuOptions> Cpus = (
        from instructionSet in CpuOptions.Supported
        from threadCount in new[] { 1, 3 }
        select new CpuOptions(instructionSet, threadCount))
        .ToDictionary(options => $"cpu-{options.InstructionSet}-{options.ThreadCount}".ToLowerInvariant());

    /// <summary>What there is: <c>cpu-avx512-1</c>, <c>cpu-portable-3</c>, … (instruction set, threads).</summary>
    public static IReadOnlyList<string> AllNames { get; } = [.. Cpus.Keys];

    /// <summary>A theory's rows.</summary>
    public static TheoryData<string> Names => [.. AllNames];

    /// <summary>Those that compute in single precision throughout, one for each instruction set.</summary>
    public static IReadOnlyList<string> SingleNames { get; } = [.. Cpus.Keys.Where(name => name.EndsWith("-3", StringComparison.Ordinal))];

    /// <summary>Opens the backend that tests of whole models run on.</summary>
    public static IBackend OpenForModels() => new CpuBackend();

    /// <summary>Opens the backend of that name for training.</summary>
    public static ITrainingBackend OpenForTraining(string name) => Open(name).Training!;

    /// <summary>Opens the backend that tests of training run on, with that many threads or one per processor.</summary>
    public static ITrainingBackend OpenForTraining(int? threadCount = null) => new CpuBackend(new CpuOptions(ThreadCount: threadCount));

    /// <summary>Opens the backend of that name.</summary>
    public static IBackend Open(string name) => Cpus.TryGetValue(name, out CpuOptions? options)
        ? new CpuBackend(options)
        : throw new ArgumentException($"no backend is called '{name}'");
}
