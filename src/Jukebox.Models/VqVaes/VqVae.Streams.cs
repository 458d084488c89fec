namespace Jukebox.Models.VqVaes;

/// <summary>Takes codes of a level from token <paramref name="first"/> on; the span is reused afterwards.</summary>
public delegate void CodeWriter(int level, long first, ReadOnlySpan<int> codes);

/// <summary>Takes audio and what a level makes of it, as many samples of both; the spans are reused afterwards.</summary>
public delegate void ReconstructionWriter(int level, ReadOnlySpan<float> audio, ReadOnlySpan<float> reconstruction);

/// <summary>All levels at once, over audio that is read once: each level takes a piece when it is the one furthest behind.</summary>
public sealed partial class VqVae
{
    /// <summary>
    /// The codes of all levels, or of some, of audio that is read once, in consecutive blocks from its first sample on, and of which no more is held
    /// than the coarsest level looks at. Codes are handed out in consecutive blocks of each level, the levels taking turns.
    /// </summary>
    /// <param name="lengthSamples">Samples of the whole audio.</param>
    /// <param name="source">The audio.</param>
    /// <param name="sink">Takes the codes: ⌊samples / hop⌋ of each level.</param>
    /// <param name="levels">Levels whose codes are wanted, or none for all.</param>
    public void Encode(long lengthSamples, SampleReader source, CodeWriter sink, IReadOnlyList<int>? levels = null)
    {
        levels ??= [.. Enumerable.Range(0, Spec.Levels)];
        var shared = new SharedSamples(source, levels.Count);
        var codes = new int[_pieceRows];
        foreach ((int reader, int level) in levels.Index())
        {
            BeginEncoder(level, lengthSamples, shared.ReaderOf(reader));
        }

        while (shared.Hindmost is { } reader)
        {
            int level = levels[reader];
            int count = EncoderOf(level).Next(codes, out long first);
            if (count == 0)
            {
                shared.Leave(reader);
                continue;
            }

            sink(level, first, codes.AsSpan(0, count));
        }
    }

    /// <summary>
    /// What every level makes of audio that is read once, in consecutive blocks from its first sample on; no more is held of audio and codes
    /// than the coarsest level looks at.
    /// </summary>
    /// <param name="lengthSamples">Samples of the whole audio: whole tokens of the coarsest level.</param>
    /// <param name="source">The audio.</param>
    /// <param name="codes">Takes the codes, in consecutive blocks of each level.</param>
    /// <param name="sink">Takes audio and reconstruction, in consecutive blocks of each level.</param>
    public void Reconstruct(long lengthSamples, SampleReader source, CodeWriter codes, ReconstructionWriter sink)
    {
        // An encoder for each level, and behind it the comparison, which needs the same audio later.
        var shared = new SharedSamples(source, 2 * Spec.Levels);
        var audio = new float[_pieceRows];
        var reconstruction = new float[_pieceRows];
        for (int level = 0; level < Spec.Levels; level++)
        {
            BeginEncoder(level, lengthSamples, shared.ReaderOf(level));
            long tokens = lengthSamples / Spec.SamplesPerToken(level);
            DecoderOf(level).Begin(tokens, CodesFrom(level, codes), 0, tokens);
        }

        while (shared.Hindmost is { } reader)
        {
            int level = reader % Spec.Levels;
            int count = DecoderOf(level).Next(reconstruction, out long first);
            if (count == 0)
            {
                shared.Leave(level);
                shared.Leave(Spec.Levels + level);
                continue;
            }

            shared.ReaderOf(Spec.Levels + level)(first, audio.AsSpan(0, count));
            sink(level, audio.AsSpan(0, count), reconstruction.AsSpan(0, count));
        }
    }

    private void BeginEncoder(int level, long lengthSamples, SampleReader source) =>
        EncoderOf(level).Begin(lengthSamples, source, new RowRange(0, lengthSamples / Spec.SamplesPerToken(level)));

    /// <summary>Codes of a level as a decoder asks for them, in order: computed when they are wanted, and told.</summary>
    private CodeReader CodesFrom(int level, CodeWriter sink)
    {
        var piece = new int[_pieceRows];
        int position = 0, count = 0;
        return (_, block) =>
        {
            while (!block.IsEmpty)
            {
                if (position == count)
                {
                    count = EncoderOf(level).Next(piece, out long first);
                    position = 0;
                    sink(level, first, piece.AsSpan(0, count));
                }

                int taken = Math.Min(block.Length, count - position);
                piece.AsSpan(position, taken).CopyTo(block);
                position += taken;
                block = block[taken..];
            }
        };
    }
}
