using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Recordings.Codes;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>The scales of a new prior's weights.</summary>
public sealed record PriorInitialisation
{
    /// <summary>Factor of every deviation of the main model (<c>init_scale</c>).</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Factor of every deviation of the separate lyrics encoder (<c>prime_init_scale</c>).</summary>
    public double LyricsScale { get; init; } = 1;

    /// <summary>Whether the last matrices of attention and MLP begin at zero (<c>zero_out</c>); in cross layers they always do.</summary>
    public bool ZeroOutputs { get; init; }

    /// <summary>The same for the lyrics encoder (<c>prime_zero_out</c>).</summary>
    public bool LyricsZeroOutputs { get; init; }

    /// <summary>
    /// Deviation of the embeddings of codes where they begin as a projection of the codebook (<see cref="CodeEmbedding"/>); 0
    /// where each is drawn for itself, as in the reference.
    /// </summary>
    public double CodebookEmbedding { get; init; }

    /// <summary>Sets every parameter of a prior.</summary>
    /// <param name="parameters">The parameters.</param>
    /// <param name="spec">The prior.</param>
    /// <param name="codebooks">Codebooks of its level and of the level above, (K, E) each; wanted for <see cref="CodebookEmbedding"/> only.</param>
    /// <param name="seed">Seed of the run.</param>
    public void Apply(ParameterSet parameters, PriorSpec spec, Func<int, float[]>? codebooks, ulong seed)
    {
        Initialisation.Fill(parameters, entry => RuleOf(entry, spec, parameters.Entries), seed);
        if (CodebookEmbedding == 0 || codebooks is null)
        {
            return;
        }

        foreach (int level in CodeIdentity.LevelsOf(spec))
        {
            string name = level == spec.Level ? "prior.x_emb.weight" : "conditioner_blocks.0.x_emb.weight";
            CodeEmbedding.Fill(parameters.Value(name), name, codebooks(level), spec.CodebookSize, CodebookEmbedding, seed);
        }
    }

    /// <summary>How a tensor of a prior begins; new rows of its tables too.</summary>
    /// <param name="entry">The tensor.</param>
    /// <param name="spec">The prior.</param>
    /// <param name="table">All its tensors.</param>
    public InitialDistribution RuleOf(TensorEntry entry, PriorSpec spec, IEnumerable<TensorEntry> table)
    {
        string name = entry.Name;
        bool isLyrics = name.StartsWith("prime_prior.", StringComparison.Ordinal) || name.StartsWith("prime_state_proj.", StringComparison.Ordinal);
        double scale = isLyrics ? LyricsScale : Scale;
        if (name.StartsWith("conditioner_blocks.0.cond.", StringComparison.Ordinal))
        {
            return Initialisation.OfConvolution(table, entry);
        }

        if (name == "prior.x_out.weight")
        {
            return InitialDistribution.Uniform(1 / Math.Sqrt(spec.Transformer.Width));
        }

        if (entry.CheckpointShape.Rank == 1)
        {
            return InitialDistribution.Constant(name.EndsWith(".weight", StringComparison.Ordinal) ? 1 : 0); // norms' gains, and every bias
        }

        if (entry.Role == TensorRole.Linear)
        {
            return IsZero(name, spec, isLyrics) ? InitialDistribution.Constant(0) : InitialDistribution.Normal(0.02 * scale);
        }

        bool isLexical = name.EndsWith(".x_emb.weight", StringComparison.Ordinal) || name == TensorTable.LyricsLogits;
        return InitialDistribution.Normal((isLexical ? 0.02 : 0.01) * scale);
    }

    private bool IsZero(string name, PriorSpec spec, bool isLyrics)
    {
        if (!name.EndsWith(".c_proj.w", StringComparison.Ordinal))
        {
            return false;
        }

        const string layers = "._attn_mods.";
        string depth = name[(name.IndexOf(layers, StringComparison.Ordinal) + layers.Length)..].Split('.')[0];
        TransformerSpec stack = isLyrics ? spec.LyricsEncoder! : spec.Transformer;
        return (isLyrics ? LyricsZeroOutputs : ZeroOutputs) || stack.KindAt(int.Parse(depth)) == AttentionKind.LyricsCross;
    }
}
