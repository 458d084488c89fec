using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>
/// What a prior remembers of a window and computes with, for at most N items and T new positions at a time. P is the
/// length of the whole sequence, C the width, K the vocabulary.
/// </summary>
internal sealed class PriorState
{
    /// <summary>Most steps that are issued before the host reads what they drew.</summary>
    public const int StepsAtOnce = 32;

    /// <summary>Allocates everything.</summary>
    public PriorState(PriorSpec spec, int batchSize, int chunkLength, ElementType cacheType, Workspace caches, Workspace scratch)
    {
        int length = spec.SequenceLength, width = spec.Transformer.Width;
        chunkLength = Math.Min(chunkLength, length);
        Stack = new TransformerState(spec.Transformer, length, spec.LyricsLength, batchSize, chunkLength, cacheType, caches, scratch, "prior");
        Tokens = scratch.Allocate("tokens", ElementType.I32, batchSize, length);
        Drawn = scratch.Allocate("drawn", ElementType.I32, StepsAtOnce * batchSize);
        Items = scratch.Allocate("items", ElementType.I32, batchSize);
        Cursor = scratch.Allocate("cursor", ElementType.I32, 2);
        Start = scratch.Allocate("start", ElementType.F32, batchSize, width);
        Activations = scratch.Allocate("activations", ElementType.F32, batchSize, chunkLength, width);
        Logits = scratch.Allocate("logits", ElementType.F32, batchSize, spec.VocabularySize);
        if (spec.UpperCodes is not null || spec.Labels is not null)
        {
            Condition = scratch.Allocate("condition", ElementType.F32, batchSize, length, width);
        }

        if (spec.Labels is not null)
        {
            Labels = new LabelScratch(scratch, chunkLength, width);
        }

        if (spec.LyricsEncoder is { } encoder)
        {
            Lyrics = new LyricsEncoderState(spec, encoder, chunkLength, cacheType, scratch);
        }
    }

    /// <summary>Caches and scratch of the main stack.</summary>
    public TransformerState Stack { get; }

    /// <summary>(N, P) I32: every token of the window so far.</summary>
    public Tensor Tokens { get; }

    /// <summary>Room for (R, N) I32: the last R = <see cref="StepsAtOnce"/> draws of each item, for however many items there are.</summary>
    public Tensor Drawn { get; }

    /// <summary>(N) I32: index of each row's item in the song.</summary>
    public Tensor Items { get; }

    /// <summary>(2) I32.</summary>
    public Tensor Cursor { get; }

    /// <summary>(N, C): what stands before the first token.</summary>
    public Tensor Start { get; }

    /// <summary>(N, T, C).</summary>
    public Tensor Activations { get; }

    /// <summary>(N, K).</summary>
    public Tensor Logits { get; }

    /// <summary>(N, P, C), or none for an unlabelled top level.</summary>
    public Tensor? Condition { get; }

    /// <summary>None for unlabelled models.</summary>
    public LabelScratch? Labels { get; }

    /// <summary>None without a separate lyrics encoder.</summary>
    public LyricsEncoderState? Lyrics { get; }
}
