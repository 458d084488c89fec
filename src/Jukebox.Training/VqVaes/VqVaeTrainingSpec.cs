namespace Jukebox.Training.VqVaes;

/// <summary>How a VQ-VAE is trained, beside its shape.</summary>
public sealed record VqVaeTrainingSpec
{
    /// <summary>N: windows of a step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>T: samples of a window, a multiple of the top level's hop.</summary>
    public required int WindowLength { get; init; }

    /// <summary>Terms of the loss.</summary>
    public required ReconstructionWeights Weights { get; init; }

    /// <summary>What the terms are divided by.</summary>
    public required Bandwidths Bandwidths { get; init; }

    /// <summary>μ of the codebooks' moving averages (<c>l_mu</c>).</summary>
    public double CodebookKeep { get; init; } = 0.99;

    /// <summary>
    /// Average count of a step below which a code is restarted, by level (<c>revival_threshold</c>). It must lie well below the
    /// vectors that a step brings to a code on average, N · T / hop / K, or the whole codebook is redrawn at every step.
    /// </summary>
    public required double[] RevivalThresholds { get; init; }

    /// <summary>The levels that learn, ascending; none for all. Levels share nothing, so the others cost nothing.</summary>
    public IReadOnlyList<int>? Levels { get; init; }

    /// <summary>Whether steps measure the default spectra too, which no gradient needs unless their weight is set; evaluation always does.</summary>
    public bool MeasureEverything { get; init; }

    /// <summary>Seed of everything random in the codebooks.</summary>
    public ulong Seed { get; init; }
}
