using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Studio.Bench;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Studio;

/// <summary>What a benchmark calls time: that of the work, not of handing it over.</summary>
public sealed class BenchTimeTests
{
    /// <summary>Priming reads nothing back: its clock must wait for the queue by itself.</summary>
    [Fact]
    public void TheTimeOfPrimingIsThatOfTheWorkItQueued()
    {
        PriorSpec spec = SyntheticPriors.Tiny('B');
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder folder = synthetic.Open();
        using IBackend backend = LateBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out LateBackend late);
        PriorTimes times = PriorBench.Measure(backend, folder, spec.Level, 1, 8, 4, CancellationToken.None, late.Clock);

        // One chunk, a layer after the other; then a step a token.
        Assert.Equal(8, times.PrimedTokens);
        Assert.Equal(spec.Transformer.Depth, times.PrimeSeconds);
        Assert.Equal(4 * spec.Transformer.Depth, times.DecodeSeconds);
        Assert.Equal(late.AttendCalls, late.Clock.Seconds);
    }

    [Fact]
    public void WhatWasQueuedBeforeDoesNotCount()
    {
        using IBackend backend = LateBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out LateBackend late);
        using var contract = new OpContract(backend, 1);
        var timer = new QueueTimer(backend, late.Clock);
        Attend(contract, 3);
        Assert.Equal(2, timer.Seconds(() => Attend(contract, 2)));
        Assert.Equal(5, late.Clock.Seconds);
    }

    private static void Attend(OpContract contract, int times)
    {
        var pattern = AttentionPattern.Create(AttentionKind.Dense, 4, 1, 4, 0, 0);
        Tensor projected = contract.Input(ElementType.F32, contract.Random.Floats(4 * 12), 1, 4, 12);
        Tensor keys = contract.Input(ElementType.F32, contract.Random.Floats(pattern.CacheLength * 4), 1, pattern.CacheLength, 4);
        Tensor y = contract.Output(ElementType.F32, 1, 4, 4);
        for (int i = 0; i < times; i++)
        {
            contract.Backend.Attend(projected, keys, keys, pattern, 2, contract.Cursor(0), y);
        }
    }
}
