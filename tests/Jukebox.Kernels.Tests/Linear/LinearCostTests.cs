using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;
using Jukebox.PtxMachine;
using Jukebox.PtxMachine.Driver;
using Jukebox.Tests.Compilation;
using Xunit;

namespace Jukebox.Tests.Linear;

/// <summary>What linear layers of published widths cost, counted by the machine: f16 on tensor cores unless said otherwise.</summary>
public sealed class LinearCostTests
{
    /// <summary>Bytes that memory must move, over those that no kernel could do without; and sectors over those that requests need.</summary>
    private const double MostExcess = 1.05;

    /// <summary>Bytes of 16 rows, whose norm is a launch of its own.</summary>
    private const double MostExcessOfMany = 1.10;

    public static TheoryData<int, int, int, int, bool> Steps
    {
        get
        {
            var cases = new TheoryData<int, int, int, int, bool>();
            foreach (int rows in (int[])[1, 16])
            {
                cases.Add(80, rows, 1920, 1440, true);
                cases.Add(80, rows, 480, 1920, false);
                cases.Add(80, rows, 2048, 1024, true);
                cases.Add(80, rows, 1200, 400, false);
                cases.Add(80, rows, 4800, 800, true);
                cases.Add(75, rows, 1920, 1440, true);
                cases.Add(75, rows, 480, 1920, false);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public void AStepMovesTheMatrixOnceInWholeSectors(int capability, int rows, int inputs, int outputs, bool normed)
    {
        LaunchCounts[] launches = Count(capability, rows, inputs, outputs, normed ? Extras.Norm | Extras.Bias : Extras.Bias | Extras.Residual);
        Assert.Equal(normed && rows > 8 ? 2 : 1, launches.Length);
        long unavoidable = UnavoidableBytes(rows, inputs, outputs, normed);
        Assert.InRange(launches.Sum(counts => counts.DistinctGlobalBytes), unavoidable, unavoidable * (rows == 1 ? MostExcess : MostExcessOfMany));
        foreach (LaunchCounts counts in launches)
        {
            Assert.InRange(counts.GlobalLoads.Sectors, counts.GlobalLoads.IdealSectors, counts.GlobalLoads.IdealSectors * MostExcess);
            Assert.InRange(counts.GlobalStores.Sectors, counts.GlobalStores.IdealSectors, counts.GlobalStores.IdealSectors * MostExcess);
        }
    }

    [Theory]
    [InlineData(128, 1920, 256)]
    [InlineData(64, 480, 384)]
    public void AChunkMultipliesOnTensorCoresWithoutBankConflicts(int rows, int inputs, int outputs)
    {
        LaunchCounts[] launches = Count(80, rows, inputs, outputs, Extras.Norm | Extras.Bias | Extras.Gelu);
        LaunchCounts chunk = launches[^1];
        long wavefronts = chunk.SharedLoads.Wavefronts + chunk.SharedStores.Wavefronts;
        long ideal = chunk.SharedLoads.IdealWavefronts + chunk.SharedStores.IdealWavefronts;
        Assert.InRange(wavefronts, ideal, ideal * 1.05);
        Assert.Equal(2L * rows * inputs * outputs, chunk.MatrixFlops);
        Assert.InRange(chunk.MatrixFlops / (double)(chunk.MatrixFlops + chunk.Flops), 0.95, 1);
    }

    [Fact]
    public void AChunkWithoutTensorCoresHasNoBankConflicts()
    {
        LaunchCounts chunk = Count(75, 128, 960, 128, Extras.Bias)[^1];
        long wavefronts = chunk.SharedLoads.Wavefronts + chunk.SharedStores.Wavefronts;
        long ideal = chunk.SharedLoads.IdealWavefronts + chunk.SharedStores.IdealWavefronts;
        Assert.InRange(wavefronts, ideal, ideal * 1.05);
    }

    /// <summary>Enough of the matrix is under way in each multiprocessor to keep memory busy: bytes ahead of each warp times resident warps.</summary>
    [SkippableFact]
    public void StepsHave32KilobytesUnderWay()
    {
        AssemblyTests.RequireCompiler();
        foreach (AssembledKernel kernel in AssembledKernel.All.Where(kernel => kernel.Entry == KernelTable.LinearMmaStep || kernel.Entry == KernelTable.LinearFmaStep))
        {
            int bytes = kernel.ResidentWarps * KernelTable.LinearStepAheadBytes;
            Assert.True(bytes >= 32 * 1024, $"{kernel.Entry.Name} of {kernel.Unit.Name} for sm_{kernel.Capability}: {bytes} bytes under way in {kernel.ResidentWarps} warps");
        }
    }

    /// <summary>Matrix, bias, gain and bias of the norm, input, output, and the residual in the output's place.</summary>
    private static long UnavoidableBytes(int rows, int inputs, int outputs, bool normed)
    {
        long activations = (long)rows * (inputs + outputs) * sizeof(float);
        long matrix = (long)inputs * outputs * 2, bias = outputs * sizeof(float);
        return matrix + bias + activations + (normed ? 2L * inputs * sizeof(float) : (long)rows * outputs * sizeof(float));
    }

    private static LaunchCounts[] Count(int capability, int rows, int inputs, int outputs, Extras extras)
    {
        MachineDevice device = PtxDriver.AddDevice(new DeviceOptions { ComputeCapability = capability, Mode = MachineMode.Count, KeepLog = true, IsRemovedWithContext = true });
        using CudaBackend backend = TestBackends.Open(device, new CudaOptions { MatrixType = ElementType.F16 });
        using var contract = new OpContract(backend, 1);
        using var layer = new LinearCase(contract, rows, inputs, outputs, extras);
        backend.Synchronize();
        device.Log.Clear();
        layer.Run(rows);
        backend.Synchronize();
        return [.. device.Log.Entries.Where(entry => entry.Action == DriverAction.Launch).Select(entry => entry.Report!.Counts!)];
    }
}
