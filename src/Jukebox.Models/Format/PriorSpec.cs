using Jukebox.Core.Contract;

namespace Jukebox.Models.Format;

/// <summary>Hyperparameters of a stack of factored-attention blocks.</summary>
public sealed record TransformerSpec
{
    /// <summary>Model width C.</summary>
    public required int Width { get; init; }

    /// <summary>Number of blocks (layers).</summary>
    public required int Depth { get; init; }

    /// <summary>Attention heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Which attention function at which depth (<c>attn_order</c>), 0 to 12.</summary>
    public required int AttentionOrder { get; init; }

    /// <summary>Number of attention blocks the context is cut into (<c>blocks</c>; 1 where the checkpoint has none).</summary>
    public required int BlockCount { get; init; }

    /// <summary>Positions per block that the spread summary keeps (<c>spread</c>).</summary>
    public int Spread { get; init; }

    /// <summary>Attention width over model width (<c>m_attn</c>).</summary>
    public double AttentionMultiplier { get; set; } = 0.25;

    /// <summary>Hidden width of the MLP over model width (<c>m_mlp</c>).</summary>
    public double MlpMultiplier { get; set; } = 1;

    /// <summary>Whether residual branches are scaled by 1/depth (<c>res_scale</c>).</summary>
    public bool ResidualScale { get; init; }

    /// <summary>Attention width S.</summary>
    public int StateWidth => (int)(AttentionMultiplier * Width);

    /// <summary>Hidden width of the MLP.</summary>
    public int HiddenWidth => (int)(MlpMultiplier * Width);

    /// <summary>The attention function of the layer at a depth, as the reference's orders have it.</summary>
    public AttentionKind KindAt(int depth) => (AttentionKind)(AttentionOrder switch
    {
        0 => 0,
        1 => Cycle(depth, [1, 2]),
        2 => Cycle(depth, [1, 2, 3]),
        3 => Cycle(depth, [1, 4]),
        4 => Cycle(depth, [1, 5]),
        5 => Cycle(depth, [1, 4, 1, 1]),
        6 => Cycle(depth, [1, 2, 3, 6]),
        7 => depth % 16 == 15 ? 6 : 1 + (depth % 16 % 3),
        8 => depth % 10 == 9 ? 6 : 1 + (depth % 10 % 3),
        9 => Cycle(depth, [1, 2, 3, 0]),
        10 => CrossEveryTenth(depth % 79),
        11 => depth % 16 == 15 ? Cycle(depth, [6, 6, 0]) : Cycle(depth, [1, 2, 3]),
        12 => depth % 16 == 15 ? Cycle(depth, [7, 7, 0]) : Cycle(depth, [1, 2, 3]),
        _ => throw new ArgumentOutOfRangeException(nameof(depth), AttentionOrder, "attention orders are 0 to 12"),
    });

    private static int Cycle(int depth, ReadOnlySpan<int> functions) => functions[depth % functions.Length];

    /// <summary>Order 10: nine layers, then seven groups of nine and a cross layer.</summary>
    private static int CrossEveryTenth(int depth) => depth < 9
        ? 1 + (depth % 3)
        : (depth - 9) % 10 == 9 ? 6 : 1 + ((depth - 9) % 10 % 3);
}

/// <summary>Artist, genre and time conditioning of a prior.</summary>
public sealed record LabelSpec
{
    /// <summary>Label generation: 2 (5b, upsamplers) or 3 (1b_lyrics and user-trained models).</summary>
    public required int Generation { get; init; }

    /// <summary>Rows of the artist table.</summary>
    public required int ArtistCount { get; init; }

    /// <summary>Rows of the genre table.</summary>
    public required int GenreCount { get; init; }

    /// <summary>Most genre words per label (<c>max_bow_genre_size</c>).</summary>
    public required int MaxGenres { get; init; }

    /// <summary>Bins of the three time tables (<c>t_bins</c>); used by the top level only.</summary>
    public required int TimeBins { get; init; }

    /// <summary>Shortest total length, seconds, inclusive; used by the top level only.</summary>
    public required double MinDurationSeconds { get; init; }

    /// <summary>Longest total length, seconds, exclusive.</summary>
    public required double MaxDurationSeconds { get; init; }
}

/// <summary>The convolutional conditioner on the codes of the level above.</summary>
public sealed record UpperCodesSpec
{
    /// <summary>Inner width (<c>cond_width</c>).</summary>
    public required int Width { get; init; }

    /// <summary>Residual blocks per stage (<c>cond_depth</c>).</summary>
    public required int Depth { get; init; }

    /// <summary>Dilation growth.</summary>
    public required int DilationGrowth { get; init; }

    /// <summary>Dilation cycle, or none.</summary>
    public int? DilationCycle { get; init; }

    /// <summary>Whether residual branches are scaled by 1/√depth (<c>cond_res_scale</c>): true for the published level 1, false for level 0.</summary>
    public required bool ResidualScale { get; init; }

    /// <summary>Hidden width of a residual block over its width (<c>cond_m_conv</c>).</summary>
    public double HiddenMultiplier { get; set; } = 1;
}

/// <summary>Where a prior's lyrics go.</summary>
public enum LyricsMode
{
    /// <summary>No lyrics.</summary>
    None,

    /// <summary>A separate encoder whose states cross-attention layers read (5b_lyrics).</summary>
    SeparateEncoder,

    /// <summary>The same sequence and vocabulary, lyrics first (1b_lyrics).</summary>
    SameSequence,
}

/// <summary>Hyperparameters of one prior that shape its tensors and its arithmetic.</summary>
public sealed record PriorSpec
{
    /// <summary>Level whose codes it writes.</summary>
    public required int Level { get; init; }

    /// <summary>Music tokens it sees (<c>n_ctx</c>).</summary>
    public required int ContextLength { get; init; }

    /// <summary>Music codes (<c>l_bins</c> of the VQ-VAE).</summary>
    public required int CodebookSize { get; init; }

    /// <summary>The main stack.</summary>
    public required TransformerSpec Transformer { get; init; }

    /// <summary>Separate output matrix, and condition not added again after the stack (5b, 5b_lyrics).</summary>
    public bool MergedDecoder { get; init; }

    /// <summary>Labels, or none for an unlabelled model.</summary>
    public LabelSpec? Labels { get; init; }

    /// <summary>Conditioner on the level above; every level but the top has one.</summary>
    public UpperCodesSpec? UpperCodes { get; init; }

    /// <summary>Where lyrics go.</summary>
    public LyricsMode Lyrics { get; init; }

    /// <summary>Lyric tokens of a window (<c>n_tokens</c>); 0 without lyrics.</summary>
    public int LyricsLength { get; init; }

    /// <summary>Characters of the lyric vocabulary (<c>n_vocab</c>); 0 without lyrics.</summary>
    public int LyricsVocabulary { get; init; }

    /// <summary>The separate lyrics encoder's stack.</summary>
    public TransformerSpec? LyricsEncoder { get; init; }

    /// <summary>Layer whose attention aligns lyrics with music, or none.</summary>
    public int? AlignmentLayer { get; init; }

    /// <summary>Its head.</summary>
    public int? AlignmentHead { get; init; }

    /// <summary>Positions of the transformer's sequence: lyrics included where they share it.</summary>
    public int SequenceLength => ContextLength + (Lyrics == LyricsMode.SameSequence ? LyricsLength : 0);

    /// <summary>Rows of the token embedding and of the logits.</summary>
    public int VocabularySize => CodebookSize + (Lyrics == LyricsMode.SameSequence ? LyricsVocabulary : 0);

    /// <summary>Columns of a label row: total length, offset, length, artist, genres, lyric tokens.</summary>
    public int LabelLength => Labels is null ? 0 : 4 + Labels.MaxGenres + LyricsLength;

    /// <summary>The same prior with the first layers of its stack only.</summary>
    public PriorSpec CutTo(int layers) => this with
    {
        Transformer = Transformer with { Depth = layers },
        AlignmentLayer = AlignmentLayer < layers ? AlignmentLayer : null,
    };
}
