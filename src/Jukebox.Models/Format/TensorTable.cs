using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Format;

/// <summary>How a tensor of the reference's checkpoint is laid out, and so how the converter must store it.</summary>
public enum TensorRole
{
    /// <summary>Stored as it is: the matrix of a linear layer, (Cin, Cout).</summary>
    Linear,

    /// <summary>Stored as it is: embeddings, biases, norms, codebooks.</summary>
    Plain,

    /// <summary>Checkpoint (Cout, Cin, taps), stored (taps, Cin, Cout).</summary>
    Convolution,

    /// <summary>Checkpoint (Cin, Cout, taps), stored (taps, Cin, Cout).</summary>
    TransposedConvolution,
}

/// <summary>One tensor that a model must have.</summary>
/// <param name="Name">Name in the published checkpoint and in our weight file.</param>
/// <param name="CheckpointShape">Shape in the published checkpoint.</param>
/// <param name="Role">What it is.</param>
public sealed record TensorEntry(string Name, Shape CheckpointShape, TensorRole Role)
{
    /// <summary>Shape in our weight file.</summary>
    public Shape StoredShape => Role switch
    {
        TensorRole.Convolution => new Shape(CheckpointShape[2], CheckpointShape[1], CheckpointShape[0]),
        TensorRole.TransposedConvolution => new Shape(CheckpointShape[2], CheckpointShape[0], CheckpointShape[1]),
        _ => CheckpointShape,
    };

    /// <summary>Whether a smaller storage type may be chosen for it: matrices, but no bias, norm or codebook.</summary>
    public bool MayBeNarrow => CheckpointShape.Rank > 1 && !VqVaeTensorNames.IsCodebook(Name);
}

/// <summary>Every tensor of a model, derived from its hyperparameters: the one list of names and shapes.</summary>
public static class TensorTable
{
    /// <summary>The table (n_vocab, C) that makes the logits of lyrics.</summary>
    public const string LyricsLogits = "prime_x_out.weight";

    private const string SeparateLogits = "prior.x_out.weight";

    /// <summary>The table (K, C) that makes a prior's logits; where no decoder was merged in, the embedding of its tokens.</summary>
    public static string LogitsOf(PriorSpec spec) => spec.MergedDecoder ? SeparateLogits : "prior.x_emb.weight";

    /// <summary>Tensors of the VQ-VAE.</summary>
    public static IReadOnlyList<TensorEntry> Of(VqVaeSpec spec)
    {
        var table = new List<TensorEntry>();
        for (int level = 0; level < spec.Levels; level++)
        {
            int width = spec.Width * spec.Multipliers[level];
            int depth = spec.Depth * spec.Multipliers[level];
            for (int block = 0; block <= level; block++)
            {
                string prefix = $"encoders.{level}.level_blocks.{block}.model";
                int taps = TapsOf(spec.Strides[block]);
                for (int i = 0; i < spec.Downs[block]; i++)
                {
                    int input = i > 0 ? width : block == 0 ? 1 : spec.EmbeddingWidth;
                    Convolution(table, $"{prefix}.{i}.0", input, width, taps);
                    ResidualStack(table, $"{prefix}.{i}.1.model", width, spec.HiddenMultiplier, depth);
                }

                Convolution(table, $"{prefix}.{spec.Downs[block]}", width, spec.EmbeddingWidth, 3);
            }
        }

        for (int level = 0; level < spec.Levels; level++)
        {
            int width = spec.Width * spec.Multipliers[level];
            int depth = spec.Depth * spec.Multipliers[level];
            for (int block = 0; block <= level; block++)
            {
                UpsamplingBlock(
                    table, $"decoders.{level}.level_blocks.{block}.model", "model", spec.EmbeddingWidth, width,
                    spec.HiddenMultiplier, depth, spec.Downs[block], spec.Strides[block]);
            }

            Convolution(table, $"decoders.{level}.out", spec.EmbeddingWidth, 1, 3);
        }

        for (int level = 0; level < spec.Levels; level++)
        {
            Plain(table, VqVaeTensorNames.CodebookOf(level), spec.CodebookSize, spec.EmbeddingWidth);
        }

        return table;
    }

    /// <summary>Tensors of a prior; <paramref name="vqvae"/> gives the strides of the level above.</summary>
    public static IReadOnlyList<TensorEntry> Of(PriorSpec spec, VqVaeSpec vqvae)
    {
        var table = new List<TensorEntry>();
        int width = spec.Transformer.Width;
        if (spec.UpperCodes is { } upper)
        {
            Plain(table, "conditioner_blocks.0.x_emb.weight", spec.CodebookSize, width);
            UpsamplingBlock(
                table, "conditioner_blocks.0.cond.model", "blocks", width, upper.Width, upper.HiddenMultiplier, upper.Depth,
                vqvae.Downs[spec.Level + 1], vqvae.Strides[spec.Level + 1]);
            Plain(table, "conditioner_blocks.0.ln.weight", width);
            Plain(table, "conditioner_blocks.0.ln.bias", width);
        }

        if (spec.Labels is { } labels)
        {
            Plain(table, "y_emb.bow_genre_emb.emb.weight", labels.GenreCount, width);
            Plain(table, "y_emb.artist_emb.emb.weight", labels.ArtistCount, width);
            if (spec.UpperCodes is null)
            {
                Plain(table, "y_emb.total_length_emb.emb.weight", labels.TimeBins, width);
                Plain(table, "y_emb.absolute_pos_emb.emb.weight", labels.TimeBins, width);
                Plain(table, "y_emb.relative_pos_emb.emb.weight", labels.TimeBins, width);
            }
        }

        AutoregressiveModel(table, "prior", spec.Transformer, spec.VocabularySize, spec.SequenceLength, spec.Labels is null);
        if (spec.MergedDecoder)
        {
            Plain(table, SeparateLogits, spec.VocabularySize, width);
        }

        if (spec.LyricsEncoder is { } encoder)
        {
            AutoregressiveModel(table, "prime_prior", encoder, spec.LyricsVocabulary, spec.LyricsLength, true);
            Linear(table, "prime_state_proj", encoder.Width, width);
            Plain(table, "prime_state_ln.weight", width);
            Plain(table, "prime_state_ln.bias", width);
            Plain(table, LyricsLogits, spec.LyricsVocabulary, width);
        }

        return table;
    }

    private static int TapsOf(int stride) => 2 * stride;

    private static void AutoregressiveModel(
        List<TensorEntry> table, string prefix, TransformerSpec spec, int vocabulary, int length, bool startToken)
    {
        if (startToken)
        {
            Plain(table, $"{prefix}.start_token", 1, spec.Width);
        }

        Plain(table, $"{prefix}.x_emb.weight", vocabulary, spec.Width);
        Plain(table, $"{prefix}.pos_emb.pos_emb", length, spec.Width);
        for (int depth = 0; depth < spec.Depth; depth++)
        {
            string layer = $"{prefix}.transformer._attn_mods.{depth}";
            bool cross = spec.KindAt(depth) == AttentionKind.LyricsCross;
            Linear(table, $"{layer}.attn.c_attn", spec.Width, (cross ? 1 : 3) * spec.StateWidth);
            if (cross)
            {
                Linear(table, $"{layer}.attn.c_enc_kv", spec.Width, 2 * spec.StateWidth);
            }

            Linear(table, $"{layer}.attn.c_proj", spec.StateWidth, spec.Width);
            Plain(table, $"{layer}.ln_0.weight", spec.Width);
            Plain(table, $"{layer}.ln_0.bias", spec.Width);
            Linear(table, $"{layer}.mlp.c_fc", spec.Width, spec.HiddenWidth);
            Linear(table, $"{layer}.mlp.c_proj", spec.HiddenWidth, spec.Width);
            Plain(table, $"{layer}.ln_1.weight", spec.Width);
            Plain(table, $"{layer}.ln_1.bias", spec.Width);
        }
    }

    /// <summary>A decoder level block, and the prior's conditioner, which is the same thing.</summary>
    private static void UpsamplingBlock(
        List<TensorEntry> table, string prefix, string stackName, int outer, int width, double hidden, int depth, int downs, int stride)
    {
        Convolution(table, $"{prefix}.0", outer, width, 3);
        for (int i = 1; i <= downs; i++)
        {
            ResidualStack(table, $"{prefix}.{i}.0.{stackName}", width, hidden, depth);
            int output = i == downs ? outer : width;
            table.Add(new TensorEntry($"{prefix}.{i}.1.weight", new Shape(width, output, TapsOf(stride)), TensorRole.TransposedConvolution));
            Plain(table, $"{prefix}.{i}.1.bias", output);
        }
    }

    private static void ResidualStack(List<TensorEntry> table, string prefix, int width, double hiddenMultiplier, int depth)
    {
        int hidden = (int)(hiddenMultiplier * width);
        for (int b = 0; b < depth; b++)
        {
            Convolution(table, $"{prefix}.{b}.model.1", width, hidden, 3);
            Convolution(table, $"{prefix}.{b}.model.3", hidden, width, 1);
        }
    }

    private static void Convolution(List<TensorEntry> table, string prefix, int input, int output, int taps)
    {
        table.Add(new TensorEntry($"{prefix}.weight", new Shape(output, input, taps), TensorRole.Convolution));
        Plain(table, $"{prefix}.bias", output);
    }

    private static void Linear(List<TensorEntry> table, string prefix, int input, int output)
    {
        table.Add(new TensorEntry($"{prefix}.w", new Shape(input, output), TensorRole.Linear));
        Plain(table, $"{prefix}.b", output);
    }

    private static void Plain(List<TensorEntry> table, string name, params ReadOnlySpan<int> extents) =>
        table.Add(new TensorEntry(name, new Shape(extents), TensorRole.Plain));
}
