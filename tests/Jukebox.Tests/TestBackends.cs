using Jukebox.Core;
using Jukebox.Cpu;
using Xunit;

namespace Jukebox.Tests;

/// <summary>Every backend that this machine can run: one row per backend and instruction set.</summary>
public static class TestBackends
{
    /// <summary>Names for a theory's rows.</summary>
    public static TheoryData<string> Names => ["cpu"];

    /// <summary>Opens the backend of that name.</summary>
    public static IBackend Open(string name) => name switch
    {
        "cpu" => new CpuBackend(),
        _ => throw new ArgumentException($"no backend is called '{name}'"),
    };
}
