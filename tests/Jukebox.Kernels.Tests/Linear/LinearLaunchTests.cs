using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.PtxMachine;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests.Linear;

/// <summary>What a linear layer asks of the device: launches, and nothing else once its shape was seen.</summary>
public sealed class LinearLaunchTests
{
    [Theory]
    [InlineData(70, ElementType.F16, "layer_norm ", "", "linear_fma_")]
    [InlineData(80, ElementType.F32, "layer_norm ", "", "linear_fma_")]
    [InlineData(80, ElementType.F16, "linear_mma_prepare ", "linear_mma_prepare ", "linear_mma_")]
    public void AFewRowsAreOneLaunchAndManyAtMostTwo(int capability, ElementType storage, string beforeNormed, string beforeChunk, string kernels)
    {
        MachineDevice device = PtxDriver.AddDevice(new DeviceOptions { ComputeCapability = capability, KeepLog = true, IsRemovedWithContext = true });
        using CudaBackend backend = TestBackends.Open(device, new CudaOptions { MatrixType = storage });
        foreach (int rows in (int[])[1, 8, 9, 16, 17, 70])
        {
            foreach (Extras extras in (Extras[])[Extras.Norm | Extras.Gelu | Extras.Bias, Extras.Bias | Extras.Residual])
            {
                using var contract = new OpContract(backend, (ulong)rows);
                using var layer = new LinearCase(contract, rows, 40, 24, extras);
                layer.Run(rows);
                backend.Synchronize();
                device.Log.Clear();
                layer.Run(rows);
                backend.Synchronize();
                string launches = string.Join(' ', device.Log.Entries.Where(entry => entry.Action == DriverAction.Launch).Select(entry => entry.Call));
                string before = rows > 8 && extras.HasFlag(Extras.Norm) ? beforeNormed : rows > 16 ? beforeChunk : "";
                Assert.Equal(before + kernels + (rows <= 16 ? "step" : "chunk"), launches);
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AShapeThatWasSeenAllocatesNothing(string name)
    {
        MachineDevice device = PtxDriver.AddDevice(new DeviceOptions { ComputeCapability = TestBackends.Capability(name), KeepLog = true, IsRemovedWithContext = true });
        using CudaBackend backend = TestBackends.Open(device, new CudaOptions { MatrixType = TestBackends.Storage(name) });
        using var contract = new OpContract(backend, 1);
        using PackedMatrix packed = backend.PackCopy(new LinearWeights(contract.Input(ElementType.F32, contract.Random.Floats(700 * 24), 700, 24), null));
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(90 * 700), 90, 700), y = contract.Output(ElementType.F32, 90, 24);
        for (int turn = 0; turn < 2; turn++)
        {
            foreach (int rows in (int[])[90, 1, 16, 17])
            {
                backend.Linear(x.Slice(0, rows), packed, Activation.None, null, y.Slice(0, rows));
            }

            if (turn == 0)
            {
                device.Log.Clear();
            }
        }

        Assert.DoesNotContain(device.Log.Entries, entry => entry.Action is DriverAction.Allocate or DriverAction.AllocateHost or DriverAction.Wait);
    }

    /// <summary>The check mode finds nothing: every kernel at shapes that leave tiles, groups and segments unfilled.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheCheckModeFindsNothing(string name)
    {
        MachineDevice device = PtxDriver.AddDevice(new DeviceOptions
        {
            ComputeCapability = TestBackends.Capability(name),
            Mode = MachineMode.Check,
            IsRemovedWithContext = true,
        });
        using CudaBackend backend = TestBackends.Open(device, new CudaOptions { MatrixType = TestBackends.Storage(name), LineInfo = true });

        // A finding fails the launch; the finding itself says more than that.
        Exception? failure = Record.Exception(() => RunShapes(backend));
        Assert.Empty(device.Findings);
        Assert.Null(failure);
    }

    private static void RunShapes(CudaBackend backend)
    {
        foreach (int rows in (int[])[1, 3, 9, 17, 66])
        {
            foreach ((int inputs, int outputs, Extras extras) in ((int, int, Extras)[])
                [(1, 1, Extras.Norm), (33, 17, Extras.Bias | Extras.Residual), (300, 66, Extras.Norm | Extras.Gelu), (320, 32, Extras.None)])
            {
                using var contract = new OpContract(backend, (ulong)(rows + inputs));
                using var layer = new LinearCase(contract, rows, inputs, outputs, extras);
                layer.Run(rows);
                backend.Synchronize();
            }
        }

        Append(backend);
    }

    private static void Append(CudaBackend backend)
    {
        const int inputs = 40, state = 12, batch = 3;
        var pattern = AttentionPattern.Create(AttentionKind.TransposedBlock, 24, 4, 12);
        foreach (int count in (int[])[1, 7])
        {
            using var contract = new OpContract(backend, (ulong)count);
            using PackedMatrix packed = backend.PackCopy(new LinearWeights(contract.Input(ElementType.F32, contract.Random.Floats(inputs * 3 * state), inputs, 3 * state), null));
            ElementType type = backend.CacheType(packed.Type);
            Tensor keys = contract.Output(type, batch, 24, state), values = contract.Output(type, batch, 24, state);
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * count * inputs), batch, count, inputs);
            var norm = new LayerNormWeights(contract.Input(ElementType.F16, contract.Random.Floats(inputs), inputs), contract.Input(ElementType.F16, contract.Random.Floats(inputs), inputs));
            var append = new CacheAppend(keys, values, pattern, contract.Cursor(11));
            Tensor room = contract.Output(ElementType.F32, batch, count, inputs), y = contract.Output(ElementType.F32, batch, count, 3 * state);
            backend.NormLinear(x, norm, packed, Activation.None, append, room, y);
            backend.Synchronize();
        }
    }
}
