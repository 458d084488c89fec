using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class CheckpointReadingTests
{
    private static readonly float[] Counting = [.. Enumerable.Range(0, 24).Select(i => (float)i)];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ViewsOfASharedStorageComeOutRight(bool zip)
    {
        var builder = new CheckpointBuilder().Storage("7", Counting)
            .Tensor("prior.whole", "7", 0, [4, 6], [6, 1])
            .Tensor("prior.tail", "7", 20, [4], [1])
            .Tensor("prior.transposed", "7", 0, [6, 4], [1, 6])
            .Tensor("prior.column", "7", 2, [4], [6])
            .Tensor("prior.expanded", "7", 5, [3, 2], [0, 1])
            .Tensor("prior.empty", "7", 24, [0, 6], [6, 1])
            .Tensor("prior.scalar", "7", 9, [], []);
        using var folder = new TemporaryFolder();
        using Checkpoint checkpoint = Open(builder, folder, zip);
        Assert.Equal(Counting, Read(checkpoint, "prior.whole"));
        Assert.Equal([20, 21, 22, 23], Read(checkpoint, "prior.tail"));
        Assert.Equal(Enumerable.Range(0, 24).Select(i => (float)((i % 4 * 6) + (i / 4))), Read(checkpoint, "prior.transposed"));
        Assert.Equal([2, 8, 14, 20], Read(checkpoint, "prior.column"));
        Assert.Equal([5, 6, 5, 6, 5, 6], Read(checkpoint, "prior.expanded"));
        Assert.Empty(Read(checkpoint, "prior.empty"));
        Assert.Equal([9], Read(checkpoint, "prior.scalar"));
    }

    [Fact]
    public void SparseViewOfAHugeStorageIsReadThroughAWindow()
    {
        const long step = 3 << 20;
        const long count = 64;
        using var folder = new TemporaryFolder();
        string path = folder["huge.pth.tar"];
        new CheckpointBuilder().Storage("0", "FloatStorage", step * count, null, 4).Tensor("prior.sparse", "0", 1, [count], [step]).WriteLegacy(path);
        long dataStart = new FileInfo(path).Length - (step * count * 4);
        using (FileStream file = File.OpenWrite(path))
        {
            for (int i = 0; i < count; i++)
            {
                file.Position = dataStart + (((i * step) + 1) * 4);
                file.Write(BitConverter.GetBytes((float)i));
            }
        }

        using Checkpoint checkpoint = Checkpoint.Open(path);
        Assert.Equal(Enumerable.Range(0, (int)count).Select(i => (float)i), Read(checkpoint, "prior.sparse"));
    }

    [Fact]
    public void ModulePrefixesAndOptimiserStateAreLeftOut()
    {
        // opt: {state: {0: a call of a class that no reader may make}}.
        byte[] optimiser = [.. CheckpointBuilder.Text("opt"), .. "}("u8, .. CheckpointBuilder.Text("state"), .. "}(K\0cos\nsystem\n("u8, .. CheckpointBuilder.Text("touch executed"), .. "tRuu"u8];
        var builder = new CheckpointBuilder { Extra = optimiser }.Tensor("module.prior.x_emb.weight", Counting, 4, 6).Hyperparameter("level", 2);
        using var folder = new TemporaryFolder();
        using Checkpoint checkpoint = Open(builder, folder, zip: false);
        Assert.Equal(["prior.x_emb.weight"], checkpoint.Tensors.Keys);
        Assert.Equal(2L, checkpoint.Hyperparameters!["level"]);
    }

    [Theory]
    [InlineData("cos\nsystem\n(U\u0010touch pwned.filetR")]
    [InlineData("(U\u0004ls /ios\nsystem\n")]
    [InlineData("cbuiltins\neval\n(U\u00041/0)tR")]
    [InlineData("cnumpy.core.multiarray\nscalar\n(U\u0001aU\u0001btR")]
    [InlineData("csome.project\nHps\n)\u0081}b")]
    public void NothingInAPickleIsExecuted(string instructions)
    {
        var builder = new CheckpointBuilder().Tensor("prior.x_emb.weight", Counting, 4, 6)
            .Hyperparameter("odd", System.Text.Encoding.Latin1.GetBytes(instructions)).Hyperparameter("level", 1);
        using var folder = new TemporaryFolder();
        using Checkpoint checkpoint = Open(builder, folder, zip: true);
        Assert.False(checkpoint.Hyperparameters!.ContainsKey("odd"));
        Assert.Equal(1L, checkpoint.Hyperparameters["level"]);
        Assert.False(File.Exists("pwned.file"));
    }

    [Fact]
    public void ConditionerNamesWithoutCheckpointingAreTheSame()
    {
        Assert.Equal("conditioner_blocks.0.cond.model.1.0.blocks.3.model.1.weight", ModelPart.NormaliseName("conditioner_blocks.0.cond.model.1.0.model.3.model.1.weight"));
        Assert.Equal("conditioner_blocks.0.cond.model.1.1.weight", ModelPart.NormaliseName("conditioner_blocks.0.cond.model.1.1.weight"));
    }

    [SkippableTheory]
    [InlineData("prior_up0")]
    [InlineData("prior_up1")]
    [InlineData("prior_5b")]
    [InlineData("prior_5b_lyrics")]
    [InlineData("prior_1b_lyrics")]
    [InlineData("vqvae_tiny")]
    public void StreamAndZipFormatsHoldTheSameTensors(string caseName)
    {
        string stem = caseName.StartsWith("vqvae", StringComparison.Ordinal) ? "vqvae" : "prior";
        using Checkpoint legacy = Checkpoint.Open(GoldenDirectory.Require(caseName, $"{stem}.legacy.pth.tar"));
        using Checkpoint zip = Checkpoint.Open(GoldenDirectory.Require(caseName, $"{stem}.zip.pth.tar"));
        Assert.Equal(legacy.Tensors.Keys.Order(), zip.Tensors.Keys.Order());
        Assert.Equal(legacy.Hyperparameters!.Keys.Order(), zip.Hyperparameters!.Keys.Order());
        foreach (string name in legacy.Tensors.Keys)
        {
            Assert.True(Read(legacy, name).AsSpan().SequenceEqual(Read(zip, name)), name);
        }
    }

    [Theory]
    [InlineData(1.0f, 0x3c00, 0x3f80)]
    [InlineData(1.00048828125f, 0x3c00, 0x3f80)]
    [InlineData(1.00146484375f, 0x3c02, 0x3f80)]
    [InlineData(1.00390625f, 0x3c04, 0x3f80)]
    [InlineData(1.01171875f, 0x3c0c, 0x3f82)]
    [InlineData(5.9604645e-8f, 0x0001, 0x3380)]
    [InlineData(65504f, 0x7bff, 0x4780)]
    [InlineData(-2.5f, 0xc100, 0xc020)]
    public void NarrowingRoundsToNearestTiesToEven(float value, int half, int brain)
    {
        var stored = new byte[2];
        Assert.Equal(0, ElementConversion.FromSingles([value], stored, ElementType.F16));
        Assert.Equal(half, BitConverter.ToUInt16(stored));
        Assert.Equal(0, ElementConversion.FromSingles([value], stored, ElementType.BF16));
        Assert.Equal(brain, BitConverter.ToUInt16(stored));
    }

    [Fact]
    public void ValuesBeyondHalfAreCounted()
    {
        var stored = new byte[8];
        Assert.Equal(2, ElementConversion.FromSingles([65520f, float.PositiveInfinity, -1e9f, float.NaN], stored, ElementType.F16));
        Assert.Equal(0, ElementConversion.FromSingles([65520f, float.PositiveInfinity, -1e9f, float.NaN], stored, ElementType.BF16));
        Assert.True(BFloatIsNaN(BitConverter.ToUInt16(stored, 6)));
    }

    [Fact]
    public void DoublesAreRoundedOnceNotTwice()
    {
        // Just above the middle between two bfloat16 values, but exactly the middle once it is a single.
        double value = 1.00390625 + Math.ScaleB(1, -40);
        var stored = new byte[2];
        ElementConversion.FromDoubles([value], stored, ElementType.BF16);
        Assert.Equal(0x3f81, BitConverter.ToUInt16(stored));
    }

    private static bool BFloatIsNaN(ushort bits) => (bits & 0x7f80) == 0x7f80 && (bits & 0x7f) != 0;

    private static Checkpoint Open(CheckpointBuilder builder, TemporaryFolder folder, bool zip)
    {
        string path = folder["checkpoint.pth.tar"];
        if (zip)
        {
            builder.WriteZip(path);
        }
        else
        {
            builder.WriteLegacy(path);
        }

        return Checkpoint.Open(path);
    }

    private static float[] Read(Checkpoint checkpoint, string name)
    {
        using var stream = new MemoryStream();
        new TensorCopier(stream.Write, _ => { }, CancellationToken.None).Copy(checkpoint.Tensors[name], ElementType.F32);
        var values = new float[stream.Length / sizeof(float)];
        Buffer.BlockCopy(stream.ToArray(), 0, values, 0, (int)stream.Length);
        return values;
    }
}
