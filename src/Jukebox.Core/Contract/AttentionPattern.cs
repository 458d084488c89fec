namespace Jukebox.Core.Contract;

/// <summary>What a query sees. The numbers are those of the published hyperparameters (<c>attn_func</c>).</summary>
public enum AttentionKind
{
    /// <summary>Every position up to its own.</summary>
    Dense = 0,

    /// <summary>Its own block up to itself.</summary>
    Block = 1,

    /// <summary>The same offset in every block so far, itself included.</summary>
    TransposedBlock = 2,

    /// <summary>The whole block before its own; zeros in the first block.</summary>
    PreviousBlock = 3,

    /// <summary>A zero key, and the last position of each finished block.</summary>
    Summary = 4,

    /// <summary>Zero keys, and the last few positions of each block so far.</summary>
    SummarySpread = 5,

    /// <summary>Every state of the lyrics encoder.</summary>
    LyricsCross = 6,

    /// <summary>The first positions of the sequence: the lyrics, rounded up.</summary>
    LyricsPrefix = 7,
}

/// <summary>
/// The cache slots that one query sees: <see cref="Count"/> slots, taken in runs of <see cref="RunLength"/>
/// consecutive ones whose starts lie <see cref="RunStride"/> apart, and <see cref="ZeroKeys"/> keys and values
/// of zero beside them, which weigh exp(0) in the softmax. Every pattern but the spread one is a single run.
/// </summary>
public readonly record struct VisibleKeys(int FirstSlot, int Count, int RunLength, int RunStride, int ZeroKeys)
{
    /// <summary>Slot of the i-th visible key, 0 ≤ i &lt; <see cref="Count"/>.</summary>
    public int Slot(int index) => FirstSlot + (index / RunLength * RunStride) + (index % RunLength);
}

/// <summary>
/// One attention layer's view of the sequence: who sees whom, and where in the cache a position's key lives.
/// The host-side statement of the patterns (the reference's <c>factored_attention</c>); everything that needs one
/// derives it from here or is checked against it.
/// </summary>
/// <remarks>
/// Cache slots are laid out so that what a query sees is one contiguous run: the transposed pattern stores by
/// (offset in block, block), and the two block patterns keep a ring of whole blocks, long enough that a chunk of
/// <see cref="ChunkLength"/> new positions can be appended before any of them is attended.
/// </remarks>
public readonly record struct AttentionPattern
{
    private AttentionPattern(AttentionKind kind, int contextLength, int blockCount, int spread, int keyLength, int chunkLength)
    {
        Kind = kind;
        ContextLength = contextLength;
        BlockCount = blockCount;
        BlockLength = contextLength / blockCount;
        Spread = spread;
        KeyLength = keyLength;
        ChunkLength = chunkLength;
        CacheLength = kind switch
        {
            AttentionKind.Block => RoundUp(Math.Min(chunkLength + BlockLength - 1, contextLength), BlockLength),
            AttentionKind.PreviousBlock => RoundUp(Math.Min(chunkLength + (2 * BlockLength) - 1, contextLength), BlockLength),
            AttentionKind.LyricsCross or AttentionKind.LyricsPrefix => keyLength,
            _ => contextLength,
        };
    }

    /// <summary>Which rule.</summary>
    public AttentionKind Kind { get; }

    /// <summary>Positions of the whole sequence, lyrics included where they share it.</summary>
    public int ContextLength { get; }

    /// <summary>Number of blocks (the checkpoint's <c>blocks</c>).</summary>
    public int BlockCount { get; }

    /// <summary>Positions of a block.</summary>
    public int BlockLength { get; }

    /// <summary>Positions of each block that the spread summary keeps.</summary>
    public int Spread { get; }

    /// <summary>Keys of the two lyrics patterns: encoder states, or the rounded-up lyrics prefix.</summary>
    public int KeyLength { get; }

    /// <summary>Most positions appended at once.</summary>
    public int ChunkLength { get; }

    /// <summary>Slots of the key cache and of the value cache.</summary>
    public int CacheLength { get; }

    /// <summary>
    /// Builds a pattern from checkpoint hyperparameters.
    /// </summary>
    /// <param name="kind">The rule.</param>
    /// <param name="contextLength">Positions of the sequence; a multiple of <paramref name="blockCount"/>.</param>
    /// <param name="blockCount">Number of blocks; 1 where the checkpoint has none.</param>
    /// <param name="chunkLength">Most positions that will be appended at once.</param>
    /// <param name="spread">Positions per block of the spread summary.</param>
    /// <param name="lyricsLength">
    /// Encoder length for <see cref="AttentionKind.LyricsCross"/>; the checkpoint's lyrics length for
    /// <see cref="AttentionKind.LyricsPrefix"/>, which sees (⌊length / blocks⌋ + 1) · blocks keys, not length.
    /// </param>
    public static AttentionPattern Create(
        AttentionKind kind, int contextLength, int blockCount, int chunkLength, int spread = 0, int lyricsLength = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contextLength);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockCount);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunkLength);
        if (contextLength % blockCount != 0)
        {
            throw new ArgumentException($"a context of {contextLength} does not divide into {blockCount} blocks", nameof(blockCount));
        }

        int keyLength = kind switch
        {
            AttentionKind.LyricsCross => lyricsLength,
            AttentionKind.LyricsPrefix => Math.Min(((lyricsLength / blockCount) + 1) * blockCount, contextLength),
            _ => 0,
        };
        return new AttentionPattern(kind, contextLength, blockCount, spread, keyLength, Math.Min(chunkLength, contextLength));
    }

    /// <summary>
    /// Cache slot of the key of <paramref name="position"/>, or −1 where the pattern keeps none. For
    /// <see cref="AttentionKind.LyricsCross"/> the position is the encoder's.
    /// </summary>
    public int Slot(int position) => Kind switch
    {
        AttentionKind.Block or AttentionKind.PreviousBlock => position % CacheLength,
        AttentionKind.TransposedBlock => (position % BlockLength * BlockCount) + (position / BlockLength),
        AttentionKind.LyricsCross or AttentionKind.LyricsPrefix => position < KeyLength ? position : -1,
        _ => position,
    };

    /// <summary>What the query at <paramref name="position"/> sees, all positions up to its own having been appended.</summary>
    public VisibleKeys Visible(int position)
    {
        int block = position / BlockLength;
        int offset = position % BlockLength;
        switch (Kind)
        {
            case AttentionKind.Dense:
                return Run(0, position + 1);
            case AttentionKind.Block:
                return Run(block * BlockLength % CacheLength, offset + 1);
            case AttentionKind.TransposedBlock:
                return Run(offset * BlockCount, block + 1);
            case AttentionKind.PreviousBlock:
                return block == 0
                    ? new VisibleKeys(0, 0, 1, 1, BlockLength)
                    : Run((block - 1) * BlockLength % CacheLength, BlockLength);
            case AttentionKind.Summary:
                return Summaries(position, 1);
            case AttentionKind.SummarySpread:
                return Summaries(position, Spread);
            case AttentionKind.LyricsCross:
                return Run(0, KeyLength);
            case AttentionKind.LyricsPrefix:
                return Run(0, Math.Min(position + 1, KeyLength));
            default:
                throw new InvalidOperationException($"unknown attention kind {Kind}");
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    private static VisibleKeys Run(int firstSlot, int count) => new(firstSlot, count, Math.Max(count, 1), Math.Max(count, 1), 0);

    /// <summary>The last <paramref name="kept"/> positions of every block but the last, up to <paramref name="position"/>.</summary>
    private VisibleKeys Summaries(int position, int kept)
    {
        int finished = Math.Min(position / BlockLength, BlockCount - 1);
        int count = finished * kept;
        if (position / BlockLength < BlockCount - 1)
        {
            count += Math.Max(0, (position % BlockLength) - (BlockLength - kept) + 1);
        }

        return new VisibleKeys(BlockLength - kept, count, kept, BlockLength, kept);
    }
}
