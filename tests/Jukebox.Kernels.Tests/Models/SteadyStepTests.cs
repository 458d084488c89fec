using Jukebox.Core.Contract;
using Jukebox.Cuda.Backend;
using Jukebox.Models.Priors;
using Jukebox.PtxMachine.Driver;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>What a step asks of the device, by the PTX machine's own log.</summary>
public sealed class SteadyStepTests
{
    private const string CaseName = "prior_up0";
    private const int Warmup = 3;

    /// <summary>Any more launches than these a layer, and batch 1 would wait for launches instead of memory.</summary>
    private const int LaunchesPerLayer = 5;

    /// <summary>Embedding, the condition's addition, logits, draw, advance.</summary>
    private const int LaunchesAroundLayers = 5;

    [SkippableTheory]
    [InlineData("cuda-70-f16")]
    [InlineData("cuda-80-f16")]
    [InlineData("cuda-80-f32")]
    public void StepsReplayOneRecordingAllocateNothingAndWaitOnlyForTheirTokens(string backendName)
    {
        MachineDevice device = TestBackends.AddDevice(backendName, new DeviceOptions { KeepLog = true });
        using CudaBackend backend = TestBackends.Open(backendName, device);
        using var golden = new PriorCase(CaseName, backend);
        using PriorRun run = golden.Prior.CreateRun(1);
        Prime(run, golden.Window(0, 0));
        run.Step(new int[Warmup]);

        device.Log.Clear();
        const int steps = 6;
        run.Step(new int[steps]);
        DriverLogEntry[] log = [.. device.Log.Entries];
        DriverLogEntry[] launches = [.. log.Where(entry => entry.Action == DriverAction.Launch)];
        int depth = golden.Spec.Transformer.Depth;

        Assert.Equal(steps, log.Count(entry => entry.Action == DriverAction.LaunchGraph));
        Assert.Equal(steps * ((LaunchesPerLayer * depth) + LaunchesAroundLayers), launches.Length);
        string[][] kernels = [.. launches.Chunk(launches.Length / steps).Select(step => Array.ConvertAll(step, launch => $"{launch.Call} {launch.Report!.Grid} {launch.Report.Block}"))];
        Assert.All(kernels, step => Assert.Equal(kernels[0], step));
        DriverAction[] others = [.. log.Select(entry => entry.Action).Where(action => action is not (DriverAction.Launch or DriverAction.LaunchGraph))];
        Assert.DoesNotContain(DriverAction.Allocate, others);
        Assert.DoesNotContain(DriverAction.CopyToDevice, others);

        // All six were issued before the host asked for the first of their tokens.
        Assert.True(
            Array.FindIndex(log, entry => entry.Action is DriverAction.Wait or DriverAction.CopyToHost) > Array.FindLastIndex(log, entry => entry.Action == DriverAction.Launch),
            "the host waited between steps");
    }

    /// <summary>A recording gives what the operations one by one give: the first two steps are not replayed.</summary>
    [SkippableTheory]
    [InlineData("cuda-70-bf16")]
    [InlineData("cuda-80-f16")]
    public void ReplayedStepsEqualTheReferenceOfPrimedOnes(string backendName)
    {
        using IBackend backend = TestBackends.Open(backendName);
        using var golden = new PriorCase(CaseName, backend);
        using PriorRun stepped = golden.Prior.CreateRun(2), primed = golden.Prior.CreateRun(2);
        int[] items = [0, 1];
        int[][] codes = stepped.Finish(golden.Window(0, items), 12);
        PriorWindow known = golden.Window(0, items) with { Known = Array.ConvertAll(codes, row => row[..11]) };
        Assert.Equal(codes, primed.Finish(known, 12));
        Assert.Equal(stepped.StepLogits(1), primed.StepLogits(1));
    }

    private static void Prime(PriorRun run, PriorWindow window)
    {
        run.Begin(window);
        while (run.PrimeChunk())
        {
        }
    }
}
