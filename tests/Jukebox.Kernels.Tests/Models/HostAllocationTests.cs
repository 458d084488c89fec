using Jukebox.Core.Contract;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.Models.Priors;
using Jukebox.PtxMachine.Driver;
using Jukebox.Tests.Cost;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>What a step allocates on the host, measured beside a driver whose calls do nothing: none of it may be the project's own.</summary>
public sealed class HostAllocationTests
{
    private const string CaseName = "prior_up0";

    /// <summary>The run time itself may allocate once; a step would every time.</summary>
    private const int Repetitions = 5;

    public static TheoryData<string> Backends => ["cuda-70-f16", "cuda-80-f16", "cuda-80-f32"];

    [SkippableTheory]
    [MemberData(nameof(Backends))]
    public void AReplayedStepAllocatesNothingOnTheHost(string backendName)
    {
        const int steps = 6;
        using CudaBackend backend = Open(backendName);
        using var golden = new PriorCase(CaseName, backend);
        using PriorRun run = golden.Prior.CreateRun(1);
        run.Begin(golden.Window(0, 0));
        while (run.PrimeChunk())
        {
        }

        var codes = new int[steps];
        run.Step(codes);
        (long leastBytes, int calls) = Least(() => run.Step(codes));
        Assert.Equal(0, leastBytes);
        Assert.InRange(calls, steps + 2, steps + 4); // a graph for each, and the download of their tokens, which may wrap
    }

    /// <summary>Operations that no recording spares the host: of each kind of layer, and around the layers, for one position and for a chunk.</summary>
    [SkippableTheory]
    [MemberData(nameof(Backends))]
    public void OperationsAllocateNothingOnTheHost(string backendName)
    {
        using CudaBackend backend = Open(backendName);
        using var golden = new PriorCase(CaseName, backend);
        using var memory = new StepMemory(backend, TestBackends.Storage(backendName));
        foreach (int count in (ReadOnlySpan<int>)[1, 5])
        {
            var activations = new StepActivations(memory, golden.Spec, 1, golden.Spec.SequenceLength / 2, count);
            AttentionKind[] kinds = [.. Enumerable.Range(0, golden.Spec.Transformer.Depth).Select(golden.Spec.Transformer.KindAt).Distinct()];
            StepLayer[] layers = [.. kinds.Select(kind => new StepLayer(memory, golden.Spec, kind, activations))];
            var head = new StepHead(memory, golden.Spec, activations);
            Action issue = count == 1 ? IssueStep : IssueLayers;
            issue();
            backend.Synchronize();
            (long leastBytes, int calls) = Least(issue);
            Assert.Equal(0, leastBytes);
            Assert.InRange(calls, 5 * layers.Length, 20 * layers.Length);

            void IssueStep()
            {
                head.IssueBefore();
                IssueLayers();
                head.IssueAfter();
            }

            void IssueLayers()
            {
                foreach (StepLayer layer in layers)
                {
                    layer.Issue();
                }
            }
        }
    }

    [Fact]
    public void AnAllocationWouldBeSeen()
    {
        (long bytes, int calls) = PausableDriver.Measure(() => GC.KeepAlive(new byte[1000]));
        Assert.InRange(bytes, 1000, 1100);
        Assert.Equal(0, calls);
    }

    private static CudaBackend Open(string name) =>
        new(new CudaOptions { Driver = PausableDriver.Driver, Ordinal = TestBackends.AddDevice(name, new DeviceOptions()).Ordinal, MatrixType = TestBackends.Storage(name) });

    private static (long LeastBytes, int Calls) Least(Action work)
    {
        (long Bytes, int Calls) least = (long.MaxValue, 0);
        for (int i = 0; i < Repetitions; i++)
        {
            (long Bytes, int Calls) measured = PausableDriver.Measure(work);
            least = measured.Bytes < least.Bytes ? measured : least;
        }

        return least;
    }
}
