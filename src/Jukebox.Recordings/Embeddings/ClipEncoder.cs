using Jukebox.Models.VqVaes;

namespace Jukebox.Recordings.Embeddings;

/// <summary>The codes of a window of a recording, as the extractors of music features have them: of its first tokens, whatever follows.</summary>
/// <param name="vqvae">Has at least the encoder of the level.</param>
/// <param name="level">The top level.</param>
/// <param name="contextLength">Most tokens of a window.</param>
public sealed class ClipEncoder(VqVae vqvae, int level, int contextLength)
{
    /// <summary>Seconds of a clip that jukemirlib and jukemir give the encoder. What it cuts off lies too far behind a window to be heard in it.</summary>
    private const int EncodedSeconds = 25;

    private readonly int _hop = vqvae.Spec.SamplesPerToken(level);

    /// <summary>Samples that a window needs to have all its tokens.</summary>
    public long WindowSamples => (long)contextLength * _hop;

    /// <summary>Most samples of a clip that its codes are heard from.</summary>
    public static long HeardSamples(int sampleRateHz) => (long)EncodedSeconds * sampleRateHz;

    /// <summary>
    /// Codes of a clip as it is: the audio ends where it ends, and what follows is the encoder's own padding. ⌊samples / hop⌋ of them, a window's
    /// at most.
    /// </summary>
    /// <param name="source">The clip, already normalised, from its first sample on.</param>
    /// <param name="samples">Samples of it.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    public int[] EncodeAsItIs(SampleReader source, long samples, int sampleRateHz)
    {
        long length = Math.Min(samples, HeardSamples(sampleRateHz));
        var codes = new int[Math.Min(contextLength, length / _hop)];
        vqvae.Encode(level, length, source, 0, codes);
        return codes;
    }

    /// <summary>
    /// Codes of a clip that is followed by silence up to a window, as Sheet Sage and LLark have it; only those of its own ⌊samples / hop⌋ tokens, which
    /// are what they are without the rest.
    /// </summary>
    /// <param name="source">The clip, already normalised, from its first sample on; never asked for what lies behind its end.</param>
    /// <param name="samples">Samples of it; a window's are taken at most.</param>
    public int[] EncodePadded(SampleReader source, long samples)
    {
        long available = Math.Min(samples, WindowSamples);
        var codes = new int[available / _hop];
        vqvae.Encode(
            level,
            WindowSamples,
            (first, block) =>
            {
                int there = (int)Math.Clamp(available - first, 0, block.Length);
                if (there > 0)
                {
                    source(first, block[..there]);
                }

                block[there..].Clear();
            },
            0,
            codes);
        return codes;
    }
}
