using System.Text.Json;
using Jukebox.Conversion;
using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>A model folder as checkpoints, and those as a model folder again.</summary>
internal static class ExportCase
{
    /// <summary>Hyperparameters that no published model has, and a name, licence and sampling defaults of its own: an unlabelled top level and an upsampler.</summary>
    public static ModelDescription Odd { get; } = PublishedModels.Describe("5b") with
    {
        Name = "odd",
        SampleRateHz = 22050,
        Origin = "random numbers",
        Licence = "CC BY 4.0",
        Defaults = [new() { Temperature = 0.9, TopP = 0.95, HopFraction = 0.25 }, new() { Temperature = 0.98, TopK = 7 }],
        VqVae = PublishedModels.VqVae with
        {
            Levels = 2,
            Downs = [2, 1],
            Strides = [2, 4],
            Multipliers = [3, 1],
            CodebookSize = 24,
            EmbeddingWidth = 6,
            Width = 4,
            Depth = 2,
            HiddenMultiplier = 1.5,
            DilationGrowth = 2,
            DilationCycle = 2,
            ReverseDecoderDilation = false,
        },
        Priors =
        [
            new()
            {
                Level = 0,
                ContextLength = 64,
                CodebookSize = 24,
                Transformer = new() { Width = 24, Depth = 3, Heads = 2, AttentionOrder = 2, BlockCount = 8, AttentionMultiplier = 0.5, MlpMultiplier = 2, ResidualScale = true },
                UpperCodes = new() { Width = 10, Depth = 3, DilationGrowth = 2, ResidualScale = true, HiddenMultiplier = 0.75 },
            },
            new()
            {
                Level = 1,
                ContextLength = 32,
                CodebookSize = 24,
                Transformer = new() { Width = 16, Depth = 2, Heads = 1, AttentionOrder = 4, BlockCount = 4, Spread = 2 },
            },
        ],
    };

    /// <summary>Writes the folder of <see cref="Odd"/> with random weights.</summary>
    public static void WriteOdd(string folder, ElementType type)
    {
        ModelDescription written = RandomModel.Write(folder, Odd, 5, type);
        (written with { Licence = Odd.Licence, Origin = Odd.Origin }).Write(folder);
    }

    public static ConversionReport Export(string model, string checkpoints, ElementType? type = null) =>
        ModelConverter.Run(new ConversionRequest { Sources = [model], Output = checkpoints, Target = TargetFormat.Checkpoints, Type = type });

    public static ConversionReport Convert(string checkpoints, string model, ElementType? type = null) =>
        ModelConverter.Run(new ConversionRequest { Sources = [checkpoints], Output = model, Type = type });

    /// <summary>Asserts that two model folders are equal in every byte but those of their origin.</summary>
    public static void AssertSameModel(string expected, string actual)
    {
        SortedDictionary<string, byte[]> left = TemporaryFolder.Files(expected), right = TemporaryFolder.Files(actual);
        Assert.Equal(left.Keys, right.Keys);
        Assert.All(left, file => Assert.True(file.Key == ModelDescription.FileName || file.Value.AsSpan().SequenceEqual(right[file.Key]), file.Key));
        Assert.Equal(JsonSerializer.Serialize(WithoutOrigin(expected)), JsonSerializer.Serialize(WithoutOrigin(actual)));
    }

    /// <summary>The bytes of a tensor's elements in row-major order.</summary>
    public static byte[] Bytes(SourceTensor tensor)
    {
        using var bytes = new MemoryStream();
        new TensorCopier(bytes.Write, _ => { }, CancellationToken.None).Copy(tensor, tensor.NearestType);
        return bytes.ToArray();
    }

    private static ModelDescription WithoutOrigin(string folder) => ModelDescription.Read(folder) with { Origin = "" };
}
