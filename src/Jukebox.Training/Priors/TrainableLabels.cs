using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>Artist, genres and time of a window as embeddings, one item at a time: the gradients of <see cref="LabelConditioner"/>.</summary>
internal sealed class TrainableLabels
{
    private readonly ITrainingBackend _backend;
    private readonly LabelConditioner _conditioner;
    private readonly LabelScratch _scratch;
    private readonly Tensor _artists, _genres; // gradients, (rows, C)
    private readonly Tensor[] _times; // gradients of total, absolute, relative, (bins, C); none below the top level
    private readonly int _maxGenres;
    private readonly int[] _repeated; // one bin for every token

    /// <summary>Finds the tables and takes all memory.</summary>
    public TrainableLabels(ITrainingBackend backend, ParameterSet parameters, PriorSpec spec, LabelSpec labels, int sampleRateHz, Workspace memory)
    {
        bool hasTime = spec.UpperCodes is null;
        _backend = backend;
        _conditioner = new LabelConditioner(backend, parameters.Value, labels, sampleRateHz, hasTime);
        _scratch = new LabelScratch(memory, spec.ContextLength, spec.Transformer.Width);
        _artists = parameters.Gradient(LabelConditioner.ArtistTable);
        _genres = parameters.Gradient(LabelConditioner.GenreTable);
        _times = hasTime ? [.. LabelConditioner.TimeTables.Select(parameters.Gradient)] : [];
        _maxGenres = labels.MaxGenres;
        _repeated = new int[spec.ContextLength];
    }

    /// <summary>What stands before the first token.</summary>
    /// <param name="row">Label row.</param>
    /// <param name="y">(1, C).</param>
    /// <exception cref="ArgumentException">An id is outside its table.</exception>
    public void EmbedStart(ReadOnlySpan<long> row, Tensor y) => _conditioner.EmbedStart(row, _scratch, y);

    /// <summary>The time embedding of every music token; top level only.</summary>
    /// <param name="row">Label row.</param>
    /// <param name="y">(n_ctx, C).</param>
    /// <exception cref="ArgumentException">A length is outside the model's range.</exception>
    public void EmbedTime(ReadOnlySpan<long> row, Tensor y) => _conditioner.EmbedTime(row, _scratch, y);

    /// <summary>The gradient of <see cref="EmbedTime"/>.</summary>
    /// <param name="row">Label row.</param>
    /// <param name="dy">(n_ctx, C).</param>
    public void EmbedTimeGradient(ReadOnlySpan<long> row, Tensor dy)
    {
        TimeBins bins = _conditioner.BinsOf(row, dy.Shape[0]);
        Array.Fill(_repeated, bins.Total);
        Scatter(_repeated, dy, _times[0]);
        Scatter(bins.Absolute, dy, _times[1]);
        Scatter(bins.Relative, dy, _times[2]);
    }

    /// <summary>The gradient of <see cref="EmbedStart"/>.</summary>
    /// <param name="row">Label row.</param>
    /// <param name="dy">(1, C).</param>
    public void EmbedStartGradient(ReadOnlySpan<long> row, Tensor dy)
    {
        foreach (long genre in row.Slice(LabelConditioner.FirstGenre, _maxGenres))
        {
            if (genre >= 0)
            {
                Scatter([(int)genre], dy, _genres);
            }
        }

        Scatter([(int)row[LabelConditioner.FirstGenre - 1]], dy, _artists);
    }

    private void Scatter(ReadOnlySpan<int> rows, Tensor dy, Tensor dtable)
    {
        Tensor indices = _scratch.Indices.Prefix(rows.Length);
        indices.Upload(rows);
        _backend.GatherGradient(indices, dy, dtable);
    }
}
