using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;

namespace Jukebox.Tests.Training.Ops;

/// <summary>
/// A window of projected queries, keys and values for one pattern, and its gradients: the backend's through the cache, the
/// reference's by position. For the encoder's states the queries and the keys have tensors of their own.
/// </summary>
internal sealed class AttentionGradientCase
{
    private readonly OpContract _contract;
    private readonly ITrainingBackend _backend;
    private readonly ReferenceAttention _shape;
    private readonly AttentionPattern _pattern;
    private readonly Tensor _projected, _sources, _dy, _keys, _values, _dkeys, _dvalues;

    public AttentionGradientCase(OpContract contract, ReferenceAttention shape)
    {
        (_contract, _backend, _shape) = (contract, (ITrainingBackend)contract.Backend, shape);
        _pattern = AttentionPattern.Create(shape.Kind, shape.Length, shape.BlockCount, shape.Length, shape.Spread, shape.LyricsLength);
        int columns = Cross ? shape.Width : 3 * shape.Width, slots = _pattern.CacheLength;
        _projected = Random(shape.Batch, shape.Length, columns);
        _sources = Cross ? Random(shape.Batch, shape.LyricsLength, 2 * shape.Width) : _projected;
        _dy = Random(shape.Batch, shape.Length, shape.Width);
        (_keys, _values) = (Poisoned(slots, shape.Width), Poisoned(slots, shape.Width));
        (_dkeys, _dvalues) = (Poisoned(slots, shape.Width), Poisoned(slots, shape.Width));
        ProjectedGradient = Poisoned(shape.Length, columns);
        SourceGradient = Cross ? Poisoned(shape.LyricsLength, 2 * shape.Width) : ProjectedGradient;
    }

    /// <summary>(N, T, 3S or S).</summary>
    public Tensor ProjectedGradient { get; }

    /// <summary>What keys and values come from: the same but for the encoder's states, (N, L, 2S).</summary>
    public Tensor SourceGradient { get; }

    private bool Cross => _shape.Kind == AttentionKind.LyricsCross;

    /// <summary>Forward into the cache, then backward out of it.</summary>
    public void Run()
    {
        _backend.AppendToCache(_sources, _keys, _values, _pattern, _contract.Cursor(0));
        _backend.AttendGradient(_projected, _keys, _values, _pattern, _shape.Heads, _dy, ProjectedGradient, _dkeys, _dvalues);
        _backend.AppendToCacheGradient(_dkeys, _dvalues, _pattern, SourceGradient);
    }

    /// <summary>What <see cref="Run"/> should leave in the two gradients.</summary>
    public (double[] Projected, double[] Sources) Expected()
    {
        int width = _shape.Width, columns = _sources.Shape[2];
        double[] projected = OpContract.Stored(_projected), sources = OpContract.Stored(_sources);
        (double[] dq, double[] dk, double[] dv) = ReferenceGradients.Attend(
            _shape, Part(projected, _projected.Shape[2], 0), Part(sources, columns, columns - (2 * width)), Part(sources, columns, columns - width),
            OpContract.Stored(_dy));
        double[] dsources = new double[sources.Length], dprojected = Cross ? dq : dsources;
        for (int i = 0; i < dk.Length; i++)
        {
            int row = (i / width * columns) + (i % width);
            dsources[row + columns - (2 * width)] = dk[i];
            dsources[row + columns - width] = dv[i];
            if (!Cross)
            {
                dsources[row] = dq[i];
            }
        }

        return (dprojected, dsources);
    }

    /// <summary>S channels of every row, from <paramref name="first"/> on.</summary>
    private double[] Part(double[] rows, int columns, int first)
    {
        var part = new double[rows.Length / columns * _shape.Width];
        for (int i = 0; i < part.Length; i++)
        {
            part[i] = rows[(i / _shape.Width * columns) + first + (i % _shape.Width)];
        }

        return part;
    }

    private Tensor Random(params ReadOnlySpan<int> extents) =>
        _contract.Input(ElementType.F32, _contract.Random.Floats(new Shape(extents).LengthElements), extents);

    private Tensor Poisoned(int length, int channels) => _contract.Output(ElementType.F32, _shape.Batch, length, channels);
}
