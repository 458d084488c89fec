using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Which bytes of a prior's file its activations read, and how many of them are in memory at a time.</summary>
public sealed class BlockReadingTests : IDisposable
{
    private const int Depth = 6, Context = 64;

    /// <summary>At each end of a block the system maps more than is looked at: up to 2 MiB, where it keeps files in pieces of that size.</summary>
    private const long SlackBytes = 3 << 21;

    private static readonly PriorSpec Spec = SpecOf(width: 64);

    private readonly TemporaryFolder _folder = new();

    public BlockReadingTests() => Write(Spec);

    private static PriorSpec SpecOf(int width) => PublishedModels.Top("5b") with
    {
        ContextLength = Context,
        CodebookSize = 64,
        Labels = null,
        Transformer = new() { Width = width, Depth = Depth, Heads = 2, AttentionOrder = 2, BlockCount = 8 },
    };

    private static ActivationWindow[] Windows => [.. new[] { Context, 17 }.Select(count => new ActivationWindow([.. Enumerable.Range(0, count).Select(i => i * 7 % 64)], []))];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(Depth)]
    public void OnlyBlocksUpToTheDeepestLayerAreReadEachOnce(int deepest)
    {
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        using ModelFolder model = ModelFolder.Open(_folder.Path);
        using var activations = new PriorActivations(backend, model, Spec.Level);
        activations.Read(Windows, [deepest], (_, _, _, _) => { });
        WeightFile file = model.OpenPrior(Spec.Level, content: false);
        IEnumerable<ByteRange> expected = Enumerable.Range(0, deepest).SelectMany(block => ByteRange.Of(file.Tensors.Values.Where(tensor => IsOfBlock(tensor, block))));
        Assert.Equal(expected, activations.Reading.Ranges);
        Assert.Equal(deepest * BlockBytes(file), activations.Reading.Bytes);
    }

    /// <summary>A number that is none, behind what is wanted: nobody looks at it, and the layers before it are the same bits.</summary>
    [Fact]
    public void WhatLiesBehindTheDeepestLayerMayBeDamaged()
    {
        const int poisoned = 4; // counted from 0: layers 1 to 4 are whole
        float[] expected = ReadLayer(poisoned);
        string name;
        using (ModelFolder model = ModelFolder.Open(_folder.Path))
        {
            StoredTensor[] tensors = [.. model.OpenPrior(Spec.Level, content: false).Tensors.Values.Where(tensor => IsOfBlock(tensor, poisoned))];
            name = tensors[0].Name;
            model.Dispose();
            using FileStream file = File.OpenWrite(_folder[ModelDescription.PriorFileName(Spec.Level)]);
            foreach (StoredTensor tensor in tensors)
            {
                file.Position = tensor.OffsetBytes;
                file.Write(BitConverter.GetBytes(float.NaN));
            }
        }

        Assert.Equal(expected, ReadLayer(poisoned));
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => ReadLayer(poisoned + 1));
        Assert.Contains($"{name[..name.IndexOf(".4.", StringComparison.Ordinal)]}.4.", error.Message, StringComparison.Ordinal);
        Assert.Equal(expected, ReadLayer(poisoned));
    }

    /// <summary>However deep the stack: two blocks of the file are in this process's memory, and none of it afterwards.</summary>
    [SkippableFact]
    public void TwoBlocksAreInMemoryAtATime()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "what is in memory of a mapped file is told by Linux");
        Directory.Delete(_folder.Path, recursive: true);
        Write(SpecOf(width: 1024));
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        using ModelFolder model = ModelFolder.Open(_folder.Path);
        using var activations = new PriorActivations(backend, model, Spec.Level, 16);
        WeightFile file = model.OpenPrior(Spec.Level, content: false);
        long blockBytes = BlockBytes(file), most = 0;
        Assert.True(blockBytes > 2 * SlackBytes && file.LengthBytes > Depth * blockBytes);
        activations.Read(
            Windows,
            [.. Enumerable.Range(1, Depth)],
            (_, _, _, _) => most = Math.Max(most, ResidentBytes(file.Path)),
            (_, _) => most = Math.Max(most, ResidentBytes(file.Path)));
        Assert.InRange(most, blockBytes - SlackBytes, (2 * blockBytes) + SlackBytes);
        Assert.InRange(ResidentBytes(file.Path), 0, SlackBytes);
    }

    [Fact]
    public void WhatIsLetGoIsReadAgain()
    {
        float[] whole = ReadLayer(Depth);
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        using ModelFolder model = ModelFolder.Open(_folder.Path);
        using var activations = new PriorActivations(backend, model, Spec.Level);
        Assert.Equal(whole, ReadLayer(activations, Depth));
        Assert.Equal(whole, ReadLayer(activations, Depth));
    }

    [Fact]
    public void ReadingEndsWithACancelledPass()
    {
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        using ModelFolder model = ModelFolder.Open(_folder.Path);
        using var activations = new PriorActivations(backend, model, Spec.Level);
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => activations.Read(Windows, [Depth], (_, _, _, _) => { }, (done, _) => CancelAt(2, done), cancellation.Token));
        Assert.Empty(activations.Reading.Ranges);
        Assert.Equal(ReadLayer(3), ReadLayer(activations, 3));

        void CancelAt(int layer, int done)
        {
            if (done == layer)
            {
                cancellation.Cancel();
            }
        }
    }

    [Fact]
    public void RangesJoinWhatLiesSideBySideAndStayWithinTheFile()
    {
        using ModelFolder model = ModelFolder.Open(_folder.Path);
        WeightFile file = model.OpenPrior(Spec.Level, content: false);
        StoredTensor[] all = [.. file.Tensors.Values.OrderByDescending(tensor => tensor.OffsetBytes)];
        Assert.Equal([new ByteRange(all[^1].OffsetBytes, file.LengthBytes)], ByteRange.Of(all));
        Assert.Equal(2, ByteRange.Of([all[0], all[2]]).Count);
        Assert.Empty(ByteRange.Of([]));
        Assert.Throws<ArgumentException>(() => file.ReadAhead([new ByteRange(0, file.LengthBytes + 1)]));
        Assert.Throws<ArgumentException>(() => file.LetGo([new ByteRange(-1, 1)]));
    }

    private void Write(PriorSpec spec) => RandomModel.Write(
        _folder.Path,
        PublishedModels.Describe("5b") with { Name = "small", VqVae = PublishedModels.VqVae with { CodebookSize = spec.CodebookSize }, Priors = [spec] },
        seed: 1,
        ElementType.F32);

    private static bool IsOfBlock(StoredTensor tensor, int block) => tensor.Name.StartsWith($"prior.transformer._attn_mods.{block}.", StringComparison.Ordinal);

    private static long BlockBytes(WeightFile file) => file.Tensors.Values.Where(tensor => IsOfBlock(tensor, 0)).Sum(tensor => tensor.LengthBytes);

    private float[] ReadLayer(int layer)
    {
        using IBackend backend = new CpuBackend(new CpuOptions(ThreadCount: 1));
        using ModelFolder model = ModelFolder.Open(_folder.Path);
        using var activations = new PriorActivations(backend, model, Spec.Level);
        return ReadLayer(activations, layer);
    }

    private static float[] ReadLayer(PriorActivations activations, int layer)
    {
        var rows = new List<float>();
        activations.Read(Windows, [layer], (_, _, _, values) => rows.AddRange(values));
        return [.. rows];
    }

    /// <summary>Bytes of a file that are mapped into this process and in memory.</summary>
    private static long ResidentBytes(string path)
    {
        long bytes = 0;
        bool isOfFile = false;
        string full = Path.GetFullPath(path);
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
            {
                // A mapping, of a file or not, by its addresses; what follows begins with a capital.
                isOfFile = line.EndsWith(full, StringComparison.Ordinal);
            }
            else if (isOfFile && line.StartsWith("Rss:", StringComparison.Ordinal))
            {
                bytes += long.Parse(line[4..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
            }
        }

        return bytes;
    }
}
