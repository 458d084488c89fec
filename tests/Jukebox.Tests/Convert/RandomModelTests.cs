using System.Security.Cryptography;
using System.Text.Json;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class RandomModelTests
{
    private static readonly ModelDescription Tiny = PublishedModels.Describe("1b_lyrics") with
    {
        Name = "random",
        VqVae = PublishedModels.VqVae with { CodebookSize = 32, EmbeddingWidth = 8, Width = 4, Depth = 1 },
        Priors =
        [
            PublishedModels.Upsampler(0) with
            {
                CodebookSize = 32,
                ContextLength = 64,
                Transformer = PublishedModels.Upsampler(0).Transformer with { Width = 48, Depth = 3, BlockCount = 8 },
                UpperCodes = PublishedModels.Upsampler(0).UpperCodes! with { Width = 12, Depth = 2 },
            },
        ],
    };

    [Theory]
    [InlineData(ElementType.F32)]
    [InlineData(ElementType.BF16)]
    [InlineData(ElementType.F16)]
    public void RandomModelIsACompleteFolderWithFiniteSpreadWeights(ElementType type)
    {
        using var folder = new TemporaryFolder();
        ModelDescription written = RandomModel.Write(folder["model"], Tiny, 7, type);
        Assert.Equal(JsonSerializer.Serialize(written), JsonSerializer.Serialize(ModelDescription.Read(folder["model"])));
        using WeightFile file = WeightFile.Open(folder["model", "prior_0.safetensors"]);
        IReadOnlyList<TensorEntry> table = TensorTable.Of(Tiny.Priors[0], Tiny.VqVae);
        Assert.Equal(table.Count, file.Tensors.Count);
        foreach (TensorEntry entry in table)
        {
            StoredTensor tensor = file[entry.Name];
            Assert.Equal(entry.MayBeNarrow ? type : ElementType.F32, tensor.Type);
            float[] values = tensor.ReadSingles();
            Assert.All(values, value => Assert.InRange(value, -4f, 4f));
            Assert.True(values.Distinct().Count() > Math.Min(values.Length, 300) / 3, entry.Name);
        }
    }

    [Fact]
    public void TheSeedDecidesEveryByte()
    {
        using var folder = new TemporaryFolder();
        FileDigest first = RandomModel.Write(folder["a"], Tiny, 7, ElementType.F32).Files["prior_0.safetensors"];
        FileDigest again = RandomModel.Write(folder["b"], Tiny, 7, ElementType.F32).Files["prior_0.safetensors"];
        FileDigest other = RandomModel.Write(folder["c"], Tiny, 8, ElementType.F32).Files["prior_0.safetensors"];
        Assert.Equal(first, again);
        Assert.NotEqual(first.Sha256, other.Sha256);
    }

    /// <summary>The description has the digest of every other file.</summary>
    [Fact]
    public void TheModelThatMakesNoiseIsTheSameBytesEverywhere() => Assert.Equal(
        "1350e47e2b4f82fd6ec41cc11909d15c0879aeaad27df258f790e896ffca5587",
        Convert.ToHexStringLower(SHA256.HashData(SealedJson.Read(Path.Combine(NoiseModelFolder.Path, ModelDescription.FileName), ""))));

    [Fact]
    public void DataIsAlignedAndWithoutGaps()
    {
        using var folder = new TemporaryFolder();
        RandomModel.Write(folder["model"], Tiny, 7, ElementType.BF16);
        using WeightFile file = WeightFile.Open(folder["model", "prior_0.safetensors"]);
        StoredTensor[] tensors = [.. file.Tensors.Values.OrderBy(tensor => tensor.OffsetBytes)];
        Assert.Equal(0, tensors[0].OffsetBytes % 64);
        bool aligned = true;
        for (int i = 1; i < tensors.Length; i++)
        {
            Assert.Equal(tensors[i - 1].OffsetBytes + tensors[i - 1].LengthBytes, tensors[i].OffsetBytes);
            aligned &= tensors[i - 1].LengthBytes % 64 == 0;
            Assert.True(!aligned || tensors[i].OffsetBytes % 64 == 0);
            Assert.Equal(0, tensors[i].OffsetBytes % tensors[i].Type.LengthBytes());
        }

        Assert.Equal(file.LengthBytes, tensors[^1].OffsetBytes + tensors[^1].LengthBytes);
    }

    [Fact]
    public void WriterRefusesTooMuchAndTooLittle()
    {
        using var folder = new TemporaryFolder();
        using var writer = new SafetensorsWriter(folder["a"], [new TensorLayout("a", ElementType.F32, new Shape(2))]);
        writer.Append(new byte[5]);
        Assert.Throws<InvalidOperationException>(() => writer.Complete());
        Assert.Throws<InvalidOperationException>(() => writer.Append(new byte[4]));
    }
}
