using System.Text;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine;
using Xunit;

namespace Jukebox.Tests.Compilation;

/// <summary>What the compiler makes of the kernels for architectures whose PTX does not ship: the PTX machine knows every instruction of it.</summary>
public sealed class LaterTargetTests
{
    [SkippableTheory]
    [InlineData(90)]
    [InlineData(120)]
    public void EveryKernelLoads(int target)
    {
        AssemblyTests.RequireCompiler();
        Nvrtc compiler = CudaLibrary.FindNvrtc()!;
        using var memory = new DeviceMemory(1 << 20);
        foreach (KernelUnit unit in KernelUnit.All)
        {
            string text = Encoding.UTF8.GetString(unit.Compile(compiler, $"compute_{target}").Image).TrimEnd('\0');
            using var module = new LoadedModule(PtxModule.Parse(text, unit.Name), memory);
            Assert.Equal($"sm_{target}", module.Module.Target);
            Assert.Equal(unit.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal), module.Module.Kernels.Keys.Order(StringComparer.Ordinal));
        }
    }
}
