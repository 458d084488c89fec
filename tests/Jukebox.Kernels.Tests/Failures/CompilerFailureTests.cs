using System.Text;
using System.Text.RegularExpressions;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;
using Jukebox.PtxMachine.Driver;
using Jukebox.Tests.Compilation;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Failures;

/// <summary>A compiler that is missing, or that refuses.</summary>
public sealed class CompilerFailureTests
{
    [Fact]
    public void AFolderWithoutACompilerIsNamed()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<CudaException>(() => CudaLibrary.OpenNvrtc(folder.Path));
        Assert.Equal($"no NVRTC in {folder.Path}, which JUKEBOX_NVRTC_PATH names: it must be the library's file or its folder", error.Message);
    }

    [SkippableFact]
    public void ACompileErrorCarriesFileOptionsAndLog()
    {
        AssemblyTests.RequireCompiler();
        var unit = new KernelUnit("layer_norm.cu", new KernelVariant(ElementType.I32));
        var error = Assert.Throws<CudaException>(() => unit.Compile(CudaLibrary.FindNvrtc()!, "sm_80"));
        Assert.StartsWith("the kernel layer_norm.cu does not compile (NVRTC_ERROR_COMPILATION) with --gpu-architecture=sm_80 --std=c++17 -DSTORAGE=i32", error.Message);
        Assert.Contains("layer_norm.cu(", error.CompilerLog);
        Assert.Contains("\"i32\" is undefined", error.CompilerLog);
        Assert.EndsWith(error.CompilerLog!, error.Message);
    }

    [Fact]
    public void WithoutACompilerTheShippedPtxRuns()
    {
        foreach (int capability in (ReadOnlySpan<int>)[70, 75, 80, 120])
        {
            using var test = new CudaDeviceUnderTest(new DeviceOptions { ComputeCapability = capability }, new CudaOptions { UseCompiler = false });
            using var contract = new OpContract(test.Backend, 7);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(3 * 97), 3, 97);
            Tensor gain = contract.Input(ElementType.F16, contract.Random.Floats(97), 97), bias = contract.Input(ElementType.F16, contract.Random.Floats(97), 97);
            Tensor y = contract.Output(ElementType.F32, 3, 97);
            test.Backend.LayerNorm(x, gain, bias, y);
            contract.Matches(y, ReferenceOps.LayerNorm(OpContract.Stored(x), OpContract.Stored(gain), OpContract.Stored(bias)), Tolerances.LayerNorm(97));
            Assert.Empty(test.Backend.CompiledUnits);
        }
    }

    /// <summary>The cached PTX is made to look like that of a later compiler, which the driver does not read.</summary>
    [SkippableFact]
    public void PtxOfACompilerNewerThanTheDriverGivesWayToWhatShips()
    {
        AssemblyTests.RequireCompiler();
        using var folder = new TemporaryFolder();
        KernelCacheTests.Compiled(folder.Path);
        int later = 0;
        foreach (string path in Directory.GetFiles(folder.Path))
        {
            byte[] bytes = File.ReadAllBytes(path);
            string key = Convert.ToHexString(bytes.AsSpan(16, 32)), image = Encoding.Latin1.GetString(bytes.AsSpan(80));
            string renewed = Regex.Replace(image, @"\n\.version \d+\.\d+", "\n.version 99.0");
            later += renewed == image ? 0 : 1;
            new KernelCache(folder.Path).Store(key, Encoding.Latin1.GetBytes(renewed));
        }

        Assert.Equal(1, later);
        Assert.Empty(KernelCacheTests.Compiled(folder.Path));
    }

    [Fact]
    public void ADriverTooOldForThePtxSaysSo()
    {
        using var test = new CudaDeviceUnderTest(new DeviceOptions { NewestPtx = new Version(8, 4) }, new CudaOptions { UseCompiler = false });
        Tensor x = test.Upload(new float[15], 3, 5), vector = test.Upload(new float[5], 5);
        var error = Assert.Throws<CudaException>(() => test.Backend.LayerNorm(x, vector, vector, x));
        Assert.Equal(CudaResult.UnsupportedPtxVersion, error.Code);
        Assert.StartsWith("PTX machine refuses layer_norm.f32 (shipped PTX for compute_80): CUDA_ERROR_UNSUPPORTED_PTX_VERSION (222)", error.Message);
        Assert.Contains("the driver is for CUDA 12.9: install a newer one", error.Message);
        Assert.Contains("layer_norm.f32.ptx is PTX 8.8; the driver reads up to 8.4", error.Message);
    }
}
