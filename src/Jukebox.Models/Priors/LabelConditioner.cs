using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.Priors;

/// <summary>
/// Artist, genres and time of a window as embeddings. A label row is [total length, offset, length, artist, genres…,
/// lyrics…], lengths in samples; an unused genre is −1.
/// </summary>
public sealed class LabelConditioner
{
    /// <summary>Column of the first genre in a label row; the artist stands before it.</summary>
    public const int FirstGenre = 4;

    /// <summary>Table of the artists, (artists, C).</summary>
    public const string ArtistTable = "y_emb.artist_emb.emb.weight";

    /// <summary>Table of the genres, (genres, C).</summary>
    public const string GenreTable = "y_emb.bow_genre_emb.emb.weight";

    private readonly IBackend _backend;
    private readonly LabelSpec _spec;
    private readonly int _sampleRateHz;
    private readonly Tensor _artists; // (artists, C)
    private readonly Tensor _genres; // (genres, C)
    private readonly Tensor[] _times; // total, absolute, relative: (bins, C); none below the top level

    /// <summary>Takes the tables.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="tables">The tensor of a name.</param>
    /// <param name="spec">Ranges and numbers of rows.</param>
    /// <param name="sampleRateHz">Samples per second of the lengths in label rows.</param>
    /// <param name="hasTime">Whether there is a time embedding: on the top level only.</param>
    public LabelConditioner(IBackend backend, Func<string, Tensor> tables, LabelSpec spec, int sampleRateHz, bool hasTime)
    {
        _backend = backend;
        _spec = spec;
        _sampleRateHz = sampleRateHz;
        _artists = tables(ArtistTable);
        _genres = tables(GenreTable);
        _times = hasTime ? [.. TimeTables.Select(tables)] : [];
    }

    /// <summary>Tables of the total length, the absolute position and the relative one, each (bins, C).</summary>
    public static IReadOnlyList<string> TimeTables { get; } =
        ["y_emb.total_length_emb.emb.weight", "y_emb.absolute_pos_emb.emb.weight", "y_emb.relative_pos_emb.emb.weight"];

    /// <summary>The rows of the time tables for a window of <paramref name="tokenCount"/> music tokens.</summary>
    /// <exception cref="ArgumentException">A length is outside the model's range.</exception>
    public TimeBins BinsOf(ReadOnlySpan<long> row, int tokenCount) => TimeBins.Of(_spec, _sampleRateHz, row[0], row[1], row[2], tokenCount);

    /// <summary>What stands before the first token: Σ genres + artist.</summary>
    /// <param name="row">Label row.</param>
    /// <param name="scratch">Indices and one more row of embeddings.</param>
    /// <param name="y">(1, C).</param>
    /// <exception cref="ArgumentException">An id is outside its table.</exception>
    public void EmbedStart(ReadOnlySpan<long> row, LabelScratch scratch, Tensor y)
    {
        Tensor one = scratch.Rows.Prefix(1, y.Shape[1]); // (1, C)
        bool empty = true;
        foreach (long genre in row.Slice(FirstGenre, _spec.MaxGenres))
        {
            if (genre >= 0)
            {
                Add(_genres, Id(genre, _genres, "genre"), scratch, one, ref empty, y);
            }
        }

        Add(_artists, Id(row[FirstGenre - 1], _artists, "artist"), scratch, one, ref empty, y);
    }

    /// <summary>The time embedding of every music token: total + absolute + relative.</summary>
    /// <param name="row">Label row.</param>
    /// <param name="scratch">Indices and a few rows of embeddings at a time.</param>
    /// <param name="y">(n_ctx, C).</param>
    /// <exception cref="ArgumentException">A length is outside the model's range.</exception>
    public void EmbedTime(ReadOnlySpan<long> row, LabelScratch scratch, Tensor y)
    {
        int tokens = y.Shape[0], width = y.Shape[1];
        TimeBins bins = BinsOf(row, tokens);
        int[] total = new int[tokens];
        Array.Fill(total, bins.Total);
        for (int first = 0; first < tokens; first += scratch.Rows.Shape[0])
        {
            int count = Math.Min(scratch.Rows.Shape[0], tokens - first);
            Tensor target = y.Slice(first, count), added = scratch.Rows.Prefix(count, width); // (count, C)
            Tensor indices = scratch.Indices.Prefix(count);
            indices.Upload<int>(total.AsSpan(first, count));
            _backend.Gather(indices, _times[0], target);
            foreach ((Tensor table, int[] rows) in (ReadOnlySpan<(Tensor, int[])>)[(_times[1], bins.Absolute), (_times[2], bins.Relative)])
            {
                indices.Upload<int>(rows.AsSpan(first, count));
                _backend.Gather(indices, table, added);
                _backend.ScaledAdd(target, added, 1, target);
            }
        }
    }

    private static int Id(long id, Tensor table, string kind) => id >= 0 && id < table.Shape[0]
        ? (int)id
        : throw new ArgumentException($"{kind} id {id} is not in the model's table of {table.Shape[0]}", nameof(id));

    private void Add(Tensor table, int row, LabelScratch scratch, Tensor one, ref bool empty, Tensor y)
    {
        Tensor index = scratch.Indices.Prefix(1);
        index.Upload<int>([row]);
        _backend.Gather(index, table, empty ? y : one);
        if (!empty)
        {
            _backend.ScaledAdd(y, one, 1, y);
        }

        empty = false;
    }
}

/// <summary>What the label conditioner computes with.</summary>
public sealed class LabelScratch(Workspace scratch, int chunkLength, int width)
{
    /// <summary>(T) I32.</summary>
    public Tensor Indices { get; } = scratch.Allocate("labels.indices", ElementType.I32, chunkLength);

    /// <summary>(T, C).</summary>
    public Tensor Rows { get; } = scratch.Allocate("labels.rows", ElementType.F32, chunkLength, width);
}
