using System.Diagnostics;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests.Compilation;

/// <summary>Compiled kernels on disk: used when whole and of the right key, rebuilt otherwise, shared by processes.</summary>
public sealed class KernelCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>As machine code, which the PTX machine refuses, and as PTX, which it takes.</summary>
    private static string[] Both { get; } = ["layer_norm.f32 for sm_80", "layer_norm.f32 for compute_80"];

    [SkippableFact]
    public void WhatIsCachedIsNotCompiledAgain()
    {
        AssemblyTests.RequireCompiler();
        Assert.Equal(Both, Compiled());
        Assert.Equal(2, Files().Length);
        Assert.Empty(Compiled());
    }

    [SkippableTheory]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("altered")]
    [InlineData("longer")]
    [InlineData("foreign")]
    [InlineData("exchanged")]
    public void ADamagedOrForeignFileIsRebuilt(string damage)
    {
        AssemblyTests.RequireCompiler();
        Compiled();
        Dictionary<string, byte[]> whole = Files().ToDictionary(path => path, File.ReadAllBytes);
        string[] paths = Files();
        foreach (string path in paths)
        {
            byte[] bytes = whole[path];
            File.WriteAllBytes(path, damage switch
            {
                "empty" => [],
                "cut" => bytes[..^1],
                "altered" => [.. bytes[..^100], (byte)(bytes[^100] ^ 1), .. bytes[^99..]],
                "longer" => [.. bytes, 0],
                "foreign" => new byte[bytes.Length],
                _ => whole[paths[(Array.IndexOf(paths, path) + 1) % paths.Length]],
            });
        }

        Assert.Equal(Both, Compiled());
        Assert.All(whole, pair => Assert.Equal(pair.Value, File.ReadAllBytes(pair.Key)));
        Assert.Empty(Compiled());
    }

    [SkippableFact]
    public void AFolderThatCannotBeWrittenCostsOnlyTime()
    {
        AssemblyTests.RequireCompiler();
        string taken = _folder.Write("taken", "a file where the folder would be");
        Assert.Equal(Both, Compiled(taken));
        Assert.Equal(Both, Compiled(taken));
    }

    [SkippableFact]
    public void ProcessesShareAFolderWithoutHarm()
    {
        AssemblyTests.RequireCompiler();
        Process[] processes = [.. Enumerable.Range(0, 2).Select(_ => Start())];
        foreach (Process process in processes)
        {
            string said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, said);
            process.Dispose();
        }

        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        Assert.Empty(Compiled());
    }

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    /// <summary>Normalises a row with kernels from a cache folder; gives what had to be compiled.</summary>
    internal static IReadOnlyList<string> Compiled(string folder)
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions(), new CudaOptions { CacheFolder = folder });
        Tensor x = test.Upload([1, 2, 4, 5], 1, 4), gain = test.Upload([1, 1, 1, 1], 4), bias = test.Upload([3, 3, 3, 3], 4);
        test.Backend.LayerNorm(x, gain, bias, x);
        Assert.Equal(12, x.ToArray<float>().Sum(), 1e-5);
        return [.. test.Backend.CompiledUnits];
    }

    private IReadOnlyList<string> Compiled() => Compiled(_folder.Path);

    private string[] Files() => [.. Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)];

    /// <summary>Another process that does what <see cref="Compiled(string)"/> does.</summary>
    private Process Start()
    {
        string assembly = typeof(KernelCacheTests).Assembly.Location;
        return Process.Start(new ProcessStartInfo("dotnet", [assembly, "compile", _folder.Path]) { RedirectStandardError = true })!;
    }
}
