using Jukebox.Core.Contract;

namespace Jukebox.Models.Format;

/// <summary>
/// Whether a specification from outside makes sense, checked before any memory is taken for it: extents in range, arrays
/// as long as there are levels, parts that need each other present.
/// </summary>
public static class SpecValidation
{
    private const int WidthLimit = 1 << 16;
    private const int DepthLimit = 1 << 10;
    private const int RowsLimit = 1 << 24;
    private const int LevelLimit = 8;

    /// <summary>What is wrong with a VQ-VAE's specification, or null.</summary>
    public static string? ProblemOf(VqVaeSpec spec)
    {
        if (spec.Levels is < 1 or > LevelLimit)
        {
            return $"the VQ-VAE has {spec.Levels} levels";
        }

        if (spec.Downs.Length != spec.Levels || spec.Strides.Length != spec.Levels || spec.Multipliers.Length != spec.Levels)
        {
            return $"the VQ-VAE's downs, strides and multipliers are not {spec.Levels} numbers each";
        }

        long samplesPerToken = 1;
        for (int level = 0; level < spec.Levels; level++)
        {
            if (spec.Downs[level] is < 1 or > 16 || spec.Strides[level] is < 2 or > 64 || spec.Strides[level] % 2 != 0)
            {
                return $"level {level} of the VQ-VAE has {spec.Downs[level]} convolutions of stride {spec.Strides[level]}";
            }

            for (int i = 0; i < spec.Downs[level]; i++)
            {
                samplesPerToken = Math.Min(samplesPerToken * spec.Strides[level], RowsLimit + 1L);
            }

            if (spec.Multipliers[level] is < 1 or > 64 || Problem("width", (long)spec.Width * spec.Multipliers[level], WidthLimit) is not null
                || Problem("depth", (long)spec.Depth * spec.Multipliers[level], DepthLimit) is not null)
            {
                return $"level {level} of the VQ-VAE has width {spec.Width}, depth {spec.Depth} and multiplier {spec.Multipliers[level]}";
            }
        }

        return Problem("samples per token", samplesPerToken, RowsLimit)
            ?? Problem("embedding width", spec.EmbeddingWidth, WidthLimit)
            ?? Problem("codebook size", spec.CodebookSize, RowsLimit)
            ?? Problem("hidden width", Product(spec.HiddenMultiplier, spec.Width), WidthLimit)
            ?? ProblemOfDilation(spec.DilationGrowth, spec.DilationCycle, spec.Depth * spec.Multipliers.Max());
    }

    /// <summary>What is wrong with a prior's specification, or null; the VQ-VAE's must be sound.</summary>
    public static string? ProblemOf(PriorSpec spec, VqVaeSpec vqvae)
    {
        if (spec.Level < 0 || spec.Level >= vqvae.Levels)
        {
            return $"a prior writes level {spec.Level} of {vqvae.Levels}";
        }

        if (spec.CodebookSize != vqvae.CodebookSize)
        {
            return $"the prior of level {spec.Level} has {spec.CodebookSize} codes, the VQ-VAE {vqvae.CodebookSize}";
        }

        if ((spec.UpperCodes is null) != (spec.Level == vqvae.Levels - 1))
        {
            return $"the prior of level {spec.Level} of {vqvae.Levels} has {(spec.UpperCodes is null ? "no " : "a ")}conditioner on codes of a level above";
        }

        string? problem = Problem("context length", spec.ContextLength, RowsLimit)
            ?? ProblemOfLyrics(spec)
            ?? ProblemOf(spec.Transformer, spec.SequenceLength)
            ?? (spec.LyricsEncoder is { } encoder ? ProblemOf(encoder, spec.LyricsLength) : null)
            ?? (spec.Labels is { } labels ? ProblemOf(labels) : null)
            ?? (spec.UpperCodes is { } upper ? ProblemOf(upper) : null);
        return problem is null ? null : $"prior of level {spec.Level}: {problem}";
    }

    private static bool HasCrossLayer(TransformerSpec spec) => spec.AttentionOrder is >= 0 and <= 12
        && Enumerable.Range(0, Math.Clamp(spec.Depth, 0, DepthLimit)).Any(depth => spec.KindAt(depth) == AttentionKind.LyricsCross);

    private static string? ProblemOfLyrics(PriorSpec spec)
    {
        bool needed = spec.Lyrics != LyricsMode.None;
        if (spec.LyricsLength % 2 != 0)
        {
            return $"lyrics of {spec.LyricsLength} tokens, which have no middle to be centred on";
        }

        if (!Enum.IsDefined(spec.Lyrics) || needed != spec.LyricsLength > 0 || needed != spec.LyricsVocabulary > 0
            || spec.LyricsLength > RowsLimit || spec.LyricsVocabulary > RowsLimit)
        {
            return $"lyrics of kind {spec.Lyrics} with {spec.LyricsLength} tokens of {spec.LyricsVocabulary} characters";
        }

        if ((spec.LyricsEncoder is not null) != (spec.Lyrics == LyricsMode.SeparateEncoder))
        {
            return $"lyrics of kind {spec.Lyrics} {(spec.LyricsEncoder is null ? "without" : "with")} an encoder";
        }

        if (needed && spec.Labels is null)
        {
            return "lyrics but no labels, which carry them";
        }

        if ((spec.LyricsEncoder is null && HasCrossLayer(spec.Transformer)) || (spec.LyricsEncoder is { } encoder && HasCrossLayer(encoder)))
        {
            return $"layers that attend to a lyrics encoder where there is none (attention order {spec.Transformer.AttentionOrder})";
        }

        return spec.AlignmentLayer is < 0 || spec.AlignmentLayer >= spec.Transformer.Depth
            || spec.AlignmentHead is < 0 || spec.AlignmentHead >= spec.Transformer.Heads
            ? $"alignment at layer {spec.AlignmentLayer}, head {spec.AlignmentHead}"
            : null;
    }

    private static string? ProblemOf(TransformerSpec spec, int sequenceLength)
    {
        if (spec.AttentionOrder is < 0 or > 12)
        {
            return $"attention order {spec.AttentionOrder}";
        }

        string? problem = Problem("width", spec.Width, WidthLimit)
            ?? Problem("depth", spec.Depth, DepthLimit)
            ?? Problem("heads", spec.Heads, WidthLimit)
            ?? Problem("attention width", Product(spec.AttentionMultiplier, spec.Width), WidthLimit)
            ?? Problem("hidden width", Product(spec.MlpMultiplier, spec.Width), WidthLimit)
            ?? Problem("blocks", spec.BlockCount, sequenceLength);
        if (problem is not null)
        {
            return problem;
        }

        if (sequenceLength % spec.BlockCount != 0)
        {
            return $"{sequenceLength} positions in {spec.BlockCount} blocks";
        }

        return spec.StateWidth % spec.Heads != 0 || spec.Spread < 0 || spec.Spread > sequenceLength
            ? $"attention width {spec.StateWidth} in {spec.Heads} heads, spread {spec.Spread}"
            : null;
    }

    private static string? ProblemOf(LabelSpec spec)
    {
        if (spec.Generation is not (2 or 3))
        {
            return $"label generation {spec.Generation}";
        }

        return Problem("artists", spec.ArtistCount, RowsLimit)
            ?? Problem("genres", spec.GenreCount, RowsLimit)
            ?? Problem("genres per label", spec.MaxGenres, DepthLimit)
            ?? Problem("time bins", spec.TimeBins, RowsLimit)
            ?? (spec.MinDurationSeconds >= 0 && spec.MaxDurationSeconds > spec.MinDurationSeconds && spec.MaxDurationSeconds < 1e6
                ? null
                : $"durations from {spec.MinDurationSeconds} to {spec.MaxDurationSeconds} seconds");
    }

    private static string? ProblemOf(UpperCodesSpec spec) =>
        Problem("conditioner width", spec.Width, WidthLimit)
        ?? Problem("conditioner depth", spec.Depth, DepthLimit)
        ?? Problem("conditioner's hidden width", Product(spec.HiddenMultiplier, spec.Width), WidthLimit)
        ?? ProblemOfDilation(spec.DilationGrowth, spec.DilationCycle, spec.Depth);

    /// <summary>The largest dilation must stay an int, with room to spare.</summary>
    private static string? ProblemOfDilation(int growth, int? cycle, int depth)
    {
        if (growth < 1 || cycle is < 1)
        {
            return $"dilations grow by {growth} in cycles of {cycle}";
        }

        double largest = Math.Pow(growth, Math.Min(depth, cycle ?? depth) - 1);
        return largest <= RowsLimit ? null : $"dilations grow to {largest:g3}";
    }

    private static long Product(double multiplier, int width) =>
        multiplier > 0 && multiplier <= 64 ? (long)(multiplier * width) : 0;

    private static string? Problem(string name, long value, long limit) =>
        value >= 1 && value <= limit ? null : $"{name} {value} is not in 1 to {limit}";
}
