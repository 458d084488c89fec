namespace Jukebox.Songs.Sampling;

/// <summary>What a sampler is busy with.</summary>
public enum SamplingPhase
{
    /// <summary>Encoding a prompt, copying a source's codes.</summary>
    Preparing,

    /// <summary>Loading a level's weights.</summary>
    Loading,

    /// <summary>Taking a window's known tokens.</summary>
    Priming,

    /// <summary>Drawing tokens.</summary>
    Sampling,

    /// <summary>Turning codes into audio.</summary>
    Decoding,

    /// <summary>Finding where the lyrics are sung.</summary>
    Aligning,
}

/// <summary>How far a run is. Reported on the sampling thread after every token.</summary>
/// <param name="Phase">What it is busy with.</param>
/// <param name="Level">Level.</param>
/// <param name="Window">Window of the level, from 1; 0 before the first.</param>
/// <param name="Windows">Windows of the level.</param>
/// <param name="Items">Items that are computed side by side.</param>
/// <param name="LevelTokens">Tokens of the level that are there, over all items.</param>
/// <param name="LevelTotal">Tokens of the level in the end, over all items.</param>
/// <param name="DrawnTokens">Tokens drawn by this run so far, over all levels and items: for a rate.</param>
/// <param name="RemainingTokens">Tokens still to be drawn, over all levels and items.</param>
/// <param name="AudioSeconds">Seconds of audio of the level that are ready to be heard, of the first item.</param>
public readonly record struct SamplingProgress(
    SamplingPhase Phase,
    int Level,
    int Window,
    int Windows,
    int Items,
    long LevelTokens,
    long LevelTotal,
    long DrawnTokens,
    long RemainingTokens,
    double AudioSeconds);

/// <summary>How a run ended.</summary>
public enum SamplingOutcome
{
    /// <summary>The song is finished.</summary>
    Finished,

    /// <summary>It was asked to stop; everything is on disk and can be resumed.</summary>
    Interrupted,
}
