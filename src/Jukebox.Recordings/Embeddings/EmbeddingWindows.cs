namespace Jukebox.Recordings.Embeddings;

/// <summary>A window of a clip, in tokens of the top level.</summary>
/// <param name="Start">First token, from the clip's start.</param>
/// <param name="Count">Tokens of real audio in it.</param>
/// <param name="FirstGiven">First of its tokens that is not given by the window before: 0, or what overlaps.</param>
public readonly record struct EmbeddingWindow(long Start, int Count, int FirstGiven);

/// <summary>How clips are cut into windows.</summary>
/// <param name="WindowTokens">Tokens of a window, at most the model's context.</param>
/// <param name="HopTokens">From window to window; none for the first window alone.</param>
public sealed record EmbeddingWindows(int WindowTokens, int? HopTokens)
{
    /// <summary>The windows that settings mean.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="contextLength">Most tokens of a window.</param>
    /// <param name="tokensPerSecond">Tokens per second.</param>
    /// <exception cref="RecordingException">A window is longer than the model's, or a hop longer than a window.</exception>
    public static EmbeddingWindows Of(EmbeddingSettings settings, int contextLength, double tokensPerSecond)
    {
        long window = settings.WindowSeconds is { } seconds ? Math.Max(1, (long)Math.Round(seconds * tokensPerSecond)) : contextLength;
        if (window > contextLength)
        {
            throw new RecordingException(FormattableString.Invariant(
                $"A window of {settings.WindowSeconds} s has {window} tokens, and the model's has {contextLength}; {contextLength / tokensPerSecond:0.000} s are the most."));
        }

        long? hop = settings.HopSeconds is not { } given ? null : given == 0 ? window : Math.Max(1, (long)Math.Round(given * tokensPerSecond));
        return hop > window
            ? throw new RecordingException(FormattableString.Invariant(
                $"A hop of {settings.HopSeconds} s is longer than the window of {window / tokensPerSecond:0.000} s, and what lies between would be lost; give a shorter one."))
            : new EmbeddingWindows((int)window, (int?)hop);
    }

    /// <summary>How many windows a clip has.</summary>
    /// <param name="tokens">Tokens of the clip.</param>
    public long CountOf(long tokens) => tokens <= 0 ? 0
        : HopTokens is not { } hop || tokens <= WindowTokens ? 1
        : 1 + ((tokens - WindowTokens + hop - 1) / hop);

    /// <summary>The windows of a clip, in order.</summary>
    /// <param name="tokens">Tokens of the clip.</param>
    public IEnumerable<EmbeddingWindow> Of(long tokens)
    {
        for (long index = 0; index < CountOf(tokens); index++)
        {
            long start = index * (HopTokens ?? 0);
            yield return new EmbeddingWindow(start, (int)Math.Min(WindowTokens, tokens - start), index == 0 ? 0 : WindowTokens - HopTokens!.Value);
        }
    }
}
