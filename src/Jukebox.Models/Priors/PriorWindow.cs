using Jukebox.Core.Contract;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>
/// One window of one level to be sampled for several items side by side. Codes are music codes; a negative code
/// c stands for the lyric token c + LyricsVocabulary, which a prior with lyrics in its own sequence can draw: within
/// its window it is fed back as drawn, everywhere else it counts as code 0.
/// </summary>
public sealed record PriorWindow
{
    /// <summary>Index, from the start of the song, of the window's first token.</summary>
    public required long StartToken { get; init; }

    /// <summary>Index in the song of each row's item: with the seed it keys the draws.</summary>
    public required int[] Items { get; init; }

    /// <summary>Label row of each item for this window (<see cref="PriorSpec.LabelLength"/> numbers); empty for unlabelled priors.</summary>
    public required long[][] Labels { get; init; }

    /// <summary>For each item exactly the window's codes of the level above; none for the top level.</summary>
    public int[][]? UpperCodes { get; init; }

    /// <summary>For each item the tokens already known, from the window's start on; all of one length, at most the context length.</summary>
    public required int[][] Known { get; init; }

    /// <summary>Temperature and filters.</summary>
    public required SamplingRule Rule { get; init; }

    /// <summary>Seed of the song.</summary>
    public required ulong Seed { get; init; }
}

/// <summary>
/// Carries windows of one level out, token by token. Caches live from <see cref="Begin"/> to the next one; nothing
/// survives between windows. The tokens of an item depend on neither the batch nor on how many tokens were known and
/// how many stepped: priming and stepping are the same arithmetic, bit for bit.
/// </summary>
public interface IPriorRun : IDisposable
{
    /// <summary>The prior's hyperparameters.</summary>
    PriorSpec Spec { get; }

    /// <summary>Most items side by side.</summary>
    int BatchSize { get; }

    /// <summary>Computes the conditioning of a window and takes the known tokens; at most <see cref="BatchSize"/> items.</summary>
    void Begin(PriorWindow window);

    /// <summary>Loads the next chunk of known tokens (and lyrics) into the caches; false when none is left.</summary>
    bool PrimeChunk();

    /// <summary>Most tokens of each item that one <see cref="Step"/> draws.</summary>
    int StepsAtOnce { get; }

    /// <summary>
    /// Draws the next tokens of each item. Call when priming is done. Several at once keep a device busy that works while
    /// the host does not wait; the tokens are the same.
    /// </summary>
    /// <param name="codes">(T, N): T tokens of each of the window's N items, T at least 1.</param>
    void Step(Span<int> codes);
}
