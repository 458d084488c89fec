using Jukebox.Cpu.Backend;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class InstructionSetTests
{
    /// <summary>Run with a switch set, this shows that the switch did what it says; without, that nothing is missing.</summary>
    [Fact]
    public void TheRunTimesSwitchesAreHonoured()
    {
        Assert.Contains(CpuInstructionSet.Portable, CpuOptions.Supported);
        bool none = IsOff("DOTNET_EnableHWIntrinsic"), noAvx2 = none || IsOff("DOTNET_EnableAVX2");
        if (noAvx2 || IsOff("DOTNET_EnableAVX512"))
        {
            Assert.DoesNotContain(CpuInstructionSet.Avx512, CpuOptions.Supported);
        }

        if (noAvx2)
        {
            Assert.Equal([CpuInstructionSet.Portable], CpuOptions.Supported);
        }
    }

    [Fact]
    public void TheNameTellsInstructionSetAndThreads()
    {
        using var backend = new CpuBackend(new CpuOptions(CpuInstructionSet.Portable, 3));
        Assert.Equal("CPU, portable vectors, 3 threads", backend.Name);
        using var best = new CpuBackend();
        Assert.Equal(CpuOptions.Supported[0], best.InstructionSet);
        Assert.Equal(Environment.ProcessorCount, best.ThreadCount);
    }

    [Fact]
    public void AMissingInstructionSetIsRefusedByName()
    {
        CpuInstructionSet[] missing = [.. Enum.GetValues<CpuInstructionSet>().Except(CpuOptions.Supported)];
        foreach (CpuInstructionSet instructionSet in missing)
        {
            Assert.Throws<PlatformNotSupportedException>(() => new CpuBackend(new CpuOptions(instructionSet)));
        }

        Assert.Equal(Enum.GetValues<CpuInstructionSet>().Length, missing.Length + CpuOptions.Supported.Count);
    }

    private static bool IsOff(string name) => Environment.GetEnvironmentVariable(name) == "0";
}
