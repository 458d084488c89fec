using Jukebox.Core.Shadow;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>The CUDA backend and the processor side by side, operation by operation, through whole priors.</summary>
public sealed class ShadowTests
{
    [SkippableTheory]
    [InlineData("cuda-70-f16", "prior_up0")]
    [InlineData("cuda-80-f16", "prior_1b_lyrics")]
    [InlineData("cuda-80-bf16", "prior_5b_lyrics")]
    [InlineData("cuda-80-f32", "prior_5b")]
    public void EveryOperationAgreesWithTheProcessors(string backendName, string name)
    {
        double tolerance = TestBackends.Storage(backendName) == ElementType.F32 ? 1e-5 : 16 * Tolerances.Store(TestBackends.Storage(backendName));
        using var shadow = new ShadowBackend(TestBackends.Open(backendName), new CpuBackend(), tolerance);
        using var golden = new PriorCase(name, shadow);
        using PriorRun run = golden.Prior.CreateRun(golden.Codes.Length, 5);
        run.Begin(golden.Window(7, golden.AllItems));
        while (run.PrimeChunk())
        {
        }

        run.Step(new int[3 * golden.Codes.Length]);
        Assert.True(shadow.ComparedOperations > 100);
    }
}
