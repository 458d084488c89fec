using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.PtxMachine.Driver;
using Xunit;

namespace Jukebox.Tests.Failures;

/// <summary>Whatever call of the driver fails, and however far things had come: nothing is left on the device.</summary>
public sealed class FailedLoadTests
{
    private static readonly CudaOptions Options = new() { Driver = AccountedDriver.Driver, UseCompiler = false, MatrixType = ElementType.F16 };

    [Fact]
    public void ABackendThatCannotBeOpenedHoldsNothing()
    {
        using MachineDevice device = PtxDriver.AddDevice(new DeviceOptions());
        int live = AccountedDriver.Live;
        int calls = CheckEveryFailure(() => new CudaBackend(Options with { Ordinal = device.Ordinal }), live);
        Assert.True(calls >= 6, $"{calls} calls");
    }

    [Fact]
    public void ModelsThatCannotBeLoadedHoldNothing()
    {
        using MachineDevice device = PtxDriver.AddDevice(new DeviceOptions());
        using var backend = new CudaBackend(Options with { Ordinal = device.Ordinal });
        using ModelFolder folder = ModelFolder.Open(NoiseModelFolder.Path);
        PriorSpec prior = folder.Description.Priors.MinBy(spec => spec.Transformer.Depth)!;

        // What the backend itself keeps is there after the first time.
        Load(backend, folder, prior).Dispose();
        int live = AccountedDriver.Live, calls = CheckEveryFailure(() => Load(backend, folder, prior), live);
        Assert.True(calls > 100, $"{calls} calls");
    }

    [Fact]
    public void ARecordingThatFailsLeavesNone()
    {
        using MachineDevice device = PtxDriver.AddDevice(new DeviceOptions());
        using var backend = new CudaBackend(Options with { Ordinal = device.Ordinal });
        var x = new Tensor(backend.Allocate(16), ElementType.F32, new Shape(4));
        int live = AccountedDriver.Live;
        Assert.Throws<InvalidOperationException>(() => backend.Record(() =>
        {
            backend.Copy(x.Slice(0, 2), x.Slice(2, 2));
            x.Upload<float>([1, 2, 3, 4]);
        }));
        Assert.Equal(live, AccountedDriver.Live);

        CheckEveryFailure(() => backend.Record(() => backend.Copy(x.Slice(0, 2), x.Slice(2, 2))), live);
        x.Upload<float>([1, 2, 3, 4]);
        Assert.Equal([1f, 2, 3, 4], x.ToArray<float>());
        x.Buffer.Dispose();
    }

    /// <summary>Does work with the first call failing, with the second, and so on; returns how many calls it makes.</summary>
    private static int CheckEveryFailure(Func<IDisposable> work, int live)
    {
        try
        {
            for (int call = 1; ; call++)
            {
                AccountedDriver.FailAt(call);
                try
                {
                    work().Dispose();
                }
                catch (CudaException) when (AccountedDriver.HasFailed)
                {
                }

                Assert.True(AccountedDriver.Live == live, $"{AccountedDriver.Live - live} more things than before are left when call {call} fails");
                if (!AccountedDriver.HasFailed)
                {
                    return call - 1;
                }
            }
        }
        finally
        {
            AccountedDriver.FailAt(0);
        }
    }

    /// <summary>A VQ-VAE, a prior and a run of it, as a caller holds them.</summary>
    private static Owned Load(IBackend backend, ModelFolder folder, PriorSpec spec)
    {
        var owned = new Owned();
        try
        {
            WeightFile file = folder.OpenVqVae();
            owned.Add(VqVae.Load(backend, file, folder.Description.VqVae, 64));
            Prior prior = Prior.Load(backend, folder, spec.Level);
            owned.Add(prior);
            owned.Add(prior.CreateRun(1, 4));
            return owned;
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    private sealed class Owned : IDisposable
    {
        private readonly Stack<IDisposable> _parts = [];

        public void Add(IDisposable part) => _parts.Push(part);

        public void Dispose()
        {
            while (_parts.TryPop(out IDisposable? part))
            {
                part.Dispose();
            }
        }
    }
}
