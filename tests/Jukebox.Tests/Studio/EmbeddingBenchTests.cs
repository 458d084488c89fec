using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Studio.Bench;
using Jukebox.Studio.Devices;
using Jukebox.Testing.Golden;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Studio;

/// <summary><c>bench --embed</c>: what it measures, and what it takes.</summary>
public sealed class EmbeddingBenchTests
{
    [Fact]
    public void ItsFiguresFollowFromWhatItMeasured()
    {
        JsonElement report = CliRun.JsonOf(
            "bench", "--embed", "--model", NoiseSong.Model, "--layers", "3", "--tokens", "40", "--windows", "2", "--device", "cpu", "--json");
        double Of(string name) => report.GetProperty(name).GetDouble();
        Assert.Equal((3, 40, 2), (report.GetProperty("layers").GetInt32(), report.GetProperty("tokens").GetInt32(), report.GetProperty("windows").GetInt32()));
        Assert.Equal(Of("seconds") / 2, Of("seconds_per_window"), precision: 9);
        Assert.Equal(60 / Of("seconds_per_window"), Of("windows_per_minute"), precision: 6);
        Assert.Equal(Of("operations_per_second") / Of("peak_operations_per_second"), Of("peak_share"), precision: 9);
        using ModelFolder model = ModelFolder.Open(NoiseSong.Model);
        PriorSpec spec = model.Description.Priors.MaxBy(prior => prior.Level)!;
        long bytes = TensorTable.Of(spec, model.Description.VqVae).Where(entry => PriorActivations.BlockOf(entry) < 3)
            .Sum(entry => model.OpenPrior(spec.Level)[entry.Name].LengthBytes);
        Assert.Equal(bytes, report.GetProperty("weight_bytes").GetInt64());
        Assert.Equal(OperatingSystem.IsLinux(), report.TryGetProperty("peak_memory_bytes", out JsonElement peak) && peak.GetInt64() > bytes);
    }

    [Fact]
    public void PeopleReadTheSame()
    {
        CliRun run = CliRun.Of("bench", "--embed", "--model", NoiseSong.Model, "--layers", "1", "--tokens", "8", "--device", "cpu");
        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
        Assert.Contains("1 layers, 1 window of 8 tokens: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("windows a minute", run.Output, StringComparison.Ordinal);
        Assert.Contains("were waited for", run.Output, StringComparison.Ordinal);
    }

    /// <summary>One chunk of each window through each layer; the window that goes before does not count.</summary>
    [Fact]
    public void ItsTimeIsThatOfTheWorkItQueued()
    {
        PriorSpec spec = SyntheticPriors.Tiny('B');
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder folder = synthetic.Open();
        using IBackend backend = LateBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out LateBackend late);
        EmbeddingReport report = EmbeddingBench.Measure(
            backend, folder, null, new EmbeddingSizes(3, 8, 5), MachineResources.Real, _ => { }, late.Clock, CancellationToken.None);
        Assert.Equal(5 * 3, report.Seconds);
        Assert.Equal((5 * 3) + 1, late.AttendCalls);
    }

    [Theory]
    [InlineData("--layers goes with --embed", "--layers", "3")]
    [InlineData("--windows goes with --embed", "--windows", "3")]
    [InlineData("--tokens goes with --embed", "--tokens", "3")]
    [InlineData("give one of them", "--embed", "--train")]
    [InlineData("--layers 999: the prior of level 2 has", "--embed", "--layers", "999")]
    [InlineData("--tokens 9999999", "--embed", "--tokens", "9999999")]
    [InlineData("--tokens 1048576: a window of level 2 has", "--embed", "--tokens", "1048576")]
    [InlineData("only a top prior's activations", "--embed", "--level", "0")]
    public void WhatCannotBeMeasuredIsAMistakeInUse(string message, params string[] arguments)
    {
        CliRun run = CliRun.Of(["bench", "--model", NoiseSong.Model, "--device", "cpu", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AShapeHasOnlyTheBlocksThatAreComputed()
    {
        ModelDescription model = EmbeddingBench.Describe("5b_lyrics", 3);
        PriorSpec spec = Assert.Single(model.Priors);
        Assert.Equal((2, 3, (int?)null), (spec.Level, spec.Transformer.Depth, spec.AlignmentLayer));
        Assert.Equal(EmbeddingSizes.DefaultLayers, EmbeddingBench.Describe("5b", null).Priors[0].Transformer.Depth);
        long block = BenchModel.LengthBytes(EmbeddingBench.Describe("5b", 2), ElementType.BF16) - BenchModel.LengthBytes(EmbeddingBench.Describe("5b", 1), ElementType.BF16);
        Assert.InRange(block, 138_000_000, 139_000_000);
        Assert.Equal(2, CliRun.Of("bench", "--embed", "--shape", "upsampler", "--device", "cpu").ExitCode);
    }

    [Fact]
    public void WhereTheDiskIsShortNothingStays()
    {
        using var scratch = new TemporaryFolder();
        CliRun run = CliRun.Of(new MachineResources(() => long.MaxValue, _ => 1000), "bench", "--embed", "--shape", "5b", "--layers", "1", "--device", "cpu", "--scratch", scratch.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("are free at", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch.Path));
    }

    [Fact]
    public void WhereMemoryIsShortItIsSaidBefore()
    {
        CliRun run = CliRun.Of(new MachineResources(() => 1000, _ => long.MaxValue), "bench", "--embed", "--model", NoiseSong.Model, "--device", "cpu");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("use fewer --windows", run.Error, StringComparison.Ordinal);
    }

    /// <summary>Rows, caches and scratch, as the backend counts them; of a labelled prior the conditions come before the caches, in the same room.</summary>
    [Fact]
    public void ActivationsTakeWhatWasForeseen()
    {
        PriorSpec spec = SyntheticPriors.Tiny('A');
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder folder = synthetic.Open();
        using IBackend backend = CountingBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out CountingBackend counter);
        using var activations = new PriorActivations(backend, folder, spec.Level, 3);
        activations.Read([new ActivationWindow([1, 2, 3, 4, 5], []), new ActivationWindow([1, 2], [])], [3], (_, _, _, _) => { });
        var storage = new WeightStorage(backend, ElementType.F32);
        ActivationMemory foreseen = ActivationMemory.Of(spec, SyntheticPriors.TinyVqVae, storage, 3, 7, 2, 3);
        long host = 3L * spec.Transformer.Width * sizeof(float), small = 2 * sizeof(int) + (spec.SequenceLength * sizeof(int)) + (spec.Transformer.Width * sizeof(float)); // cursor, tokens, start
        Assert.Equal(counter.AllocatedBytes, foreseen.RowBytes + foreseen.ScratchBytes - host + small);
        Assert.InRange(foreseen.WeightBytes, 1, storage.BytesOf(spec, SyntheticPriors.TinyVqVae));
    }

    /// <summary>66 layers of 5b, one whole window: what is needed fits a machine with 4 GB.</summary>
    [Fact]
    public void ADeepLayerOfThePublishedPriorFitsFourGigabytes()
    {
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        var storage = new WeightStorage(backend, ElementType.F16);
        ActivationMemory memory = ActivationMemory.Of(PublishedModels.Top("5b"), PublishedModels.VqVae, storage, 66, 8192, 1);
        Assert.Equal(8192L * 4800 * sizeof(float), memory.RowBytes);
        Assert.InRange(memory.TotalBytes, 0, 1_000_000_000);
        Assert.True(storage.BytesOf(PublishedModels.Top("5b"), PublishedModels.VqVae) > 10 * memory.TotalBytes);
    }
}
