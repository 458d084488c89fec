using System.Text.Json;
using Jukebox.Conversion;
using Jukebox.Conversion.Sources;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>Checkpoints of given shapes, every tensor a view of one element, so that published sizes take no room.</summary>
public sealed class SpecResolutionTests : IDisposable
{
    private static readonly PriorSpec Small = PublishedModels.Top("1b_lyrics") with
    {
        ContextLength = 64,
        CodebookSize = 32,
        Transformer = new() { Width = 48, Depth = 3, Heads = 2, AttentionOrder = 12, BlockCount = 8 },
        LyricsLength = 16,
        AlignmentLayer = 2,
    };

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("5b")]
    [InlineData("5b_lyrics")]
    [InlineData("1b_lyrics")]
    public void PublishedShapesWithoutHyperparametersAreThePublishedModel(string name)
    {
        ModelDescription published = PublishedModels.Describe(name);
        Write("vqvae.pth.tar", TensorTable.Of(published.VqVae));
        foreach (PriorSpec prior in published.Priors)
        {
            Write($"prior_level_{prior.Level}.pth.tar", Tied(TensorTable.Of(prior, published.VqVae)));
        }

        foreach (string? given in (string?[])[name, null])
        {
            ModelPlan plan = Plan(given);
            AssertSame(published.VqVae, plan.VqVae);
            Assert.Equal(3, plan.Priors.Count);
            Assert.All(plan.Priors, prior => AssertSame(published.PriorOf(prior.Level)!, prior));
        }
    }

    [Fact]
    public void ShapesWinOverHyperparametersThatDoNotFitThem()
    {
        CheckpointBuilder builder = Builder(Tied(TensorTable.Of(Small, PublishedModels.VqVae)), Small);
        builder.Hyperparameter("prior_width", 999).Hyperparameter("prior_depth", 7).Hyperparameter("l_bins", 512);
        builder.WriteLegacy(_folder["prior_level_2.pth.tar"]);
        using var set = new SourceSet();
        AssertSame(Small, Plan(null, set).Priors[0]);
        Assert.Contains(set.Notes, note => note.Contains("the shapes were believed", StringComparison.Ordinal));
    }

    [Fact]
    public void DefaultsThatPriorsNeverSetAreNotBelieved()
    {
        CheckpointBuilder builder = Builder(Tied(TensorTable.Of(Small, PublishedModels.VqVae)), Small);
        builder.Hyperparameter("l_bins", 512).Hyperparameter("levels", 2).Hyperparameter("downs_t", (int[])[1, 1]).Hyperparameter("level", 0);
        builder.WriteZip(_folder["prior_level_2.pth.tar"]);
        using var set = new SourceSet();
        AssertSame(Small, Plan(null, set).Priors[0]);
    }

    [Fact]
    public void OutputMatrixThatShouldBeTiedButDiffersIsRefused()
    {
        CheckpointBuilder builder = Builder(TensorTable.Of(Small, PublishedModels.VqVae), Small);
        var other = new float[Small.VocabularySize * 48];
        other[5] = 1;
        builder.Tensor("prior.x_out.weight", other, Small.VocabularySize, 48);
        builder.WriteLegacy(_folder["prior_level_2.pth.tar"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Plan(null));
        Assert.Contains("'prior.x_out.weight' differs from 'prior.x_emb.weight'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownHyperparametersAreNamed()
    {
        CheckpointBuilder builder = Builder(Tied(TensorTable.Of(Small, PublishedModels.VqVae)), null).Hyperparameter("single_enc_dec", true)
            .Hyperparameter("n_tokens", 16).Hyperparameter("n_vocab", 79).Hyperparameter("attn_order", 12);
        builder.WriteLegacy(_folder["prior_level_2.pth.tar"]);
        DamagedFileException error = Assert.Throws<DamagedFileException>(() => Plan(null));
        Assert.Contains("tell the hyperparameter 'heads'; name the published model with --model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsOfAPublishedShapeWithAnotherDigestGiveAWarning()
    {
        Write("vqvae.pth.tar", TensorTable.Of(PublishedModels.VqVae));
        ConversionReport report = ModelConverter.Run(new ConversionRequest { Sources = [_folder["vqvae.pth.tar"]], Output = _folder["model"], AllowExpansion = true });
        Assert.Contains(report.Notes, note => note.Contains("that of the published 5b/vqvae.pth.tar is 69745413a48e887f", StringComparison.Ordinal));
        Assert.Equal(2048, ModelDescription.Read(_folder["model"]).VqVae.CodebookSize);
    }

    private static IReadOnlyList<TensorEntry> Tied(IReadOnlyList<TensorEntry> table)
    {
        TensorEntry embedding = table.Single(entry => entry.Name == "prior.x_emb.weight");
        return table.Any(entry => entry.Name == "prior.x_out.weight") ? table : [.. table, embedding with { Name = "prior.x_out.weight" }];
    }

    private void Write(string name, IReadOnlyList<TensorEntry> table) => Builder(table, null).WriteLegacy(_folder[name]);

    private static CheckpointBuilder Builder(IReadOnlyList<TensorEntry> table, PriorSpec? spec)
    {
        CheckpointBuilder builder = new CheckpointBuilder().Storage("0", [0.5f]);
        foreach (TensorEntry entry in table)
        {
            long[] sizes = [.. Enumerable.Range(0, entry.CheckpointShape.Rank).Select(axis => (long)entry.CheckpointShape[axis])];
            builder.Tensor(entry.Name, "0", 0, sizes, new long[sizes.Length]);
        }

        if (spec is not null)
        {
            builder.Hyperparameter("n_ctx", spec.ContextLength).Hyperparameter("heads", spec.Transformer.Heads).Hyperparameter("attn_order", spec.Transformer.AttentionOrder)
                .Hyperparameter("blocks", spec.Transformer.BlockCount).Hyperparameter("single_enc_dec", true).Hyperparameter("use_tokens", true)
                .Hyperparameter("n_tokens", spec.LyricsLength).Hyperparameter("n_vocab", spec.LyricsVocabulary).Hyperparameter("labels_v3", true)
                .Hyperparameter("max_bow_genre_size", 1).Hyperparameter("alignment_layer", spec.AlignmentLayer).Hyperparameter("alignment_head", spec.AlignmentHead)
                .Hyperparameter("merged_decoder", false).Hyperparameter("min_duration", System.Text.Encoding.ASCII.GetBytes("F17.84\n")).Hyperparameter("max_duration", 600);
        }

        return builder;
    }

    private ModelPlan Plan(string? name)
    {
        using var set = new SourceSet();
        return Plan(name, set);
    }

    private ModelPlan Plan(string? name, SourceSet set)
    {
        SourceCollector.Add(set, _folder.Path);
        return new ModelPlanner(set, new ConversionRequest { Sources = [], Output = _folder["model"], PublishedName = name }).Plan();
    }

    private static void AssertSame<T>(T expected, T actual) => Assert.Equal(JsonSerializer.Serialize(expected), JsonSerializer.Serialize(actual));
}
