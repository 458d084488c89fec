using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;

namespace Jukebox.Tests.Attention;

/// <summary>
/// A window of random queries, keys and values that goes through the cache piece by piece, and stops at chosen positions to
/// attend there: as a step, and as the end of a chunk. Slots that were never written hold huge values.
/// </summary>
internal sealed class AttentionWindow
{
    private const float Huge = 1e30f;

    private readonly OpContract _contract;
    private readonly HeadShape _shape;
    private readonly AttentionPattern _pattern;
    private readonly int _spread, _lyricsLength;
    private readonly ElementType _cacheType;
    private readonly float[] _projected, _encoder;
    private readonly Tensor _keys, _values;

    public AttentionWindow(OpContract contract, in HeadShape shape, AttentionKind kind, int context, int blocks, int chunkLength, int spread, int lyricsLength)
    {
        _contract = contract;
        _shape = shape;
        (_spread, _lyricsLength) = (spread, lyricsLength);
        _pattern = AttentionPattern.Create(kind, context, blocks, chunkLength, spread, lyricsLength);
        _cacheType = contract.Backend.CacheType(ElementType.F32);
        _projected = contract.Random.Floats((long)shape.Batch * context * 3 * shape.Width);
        _encoder = contract.Random.Floats((long)shape.Batch * Math.Max(lyricsLength, 1) * 2 * shape.Width);
        var huge = new float[shape.Batch * _pattern.CacheLength * shape.Width];
        huge.AsSpan().Fill(Huge);
        _keys = contract.Input(_cacheType, huge, shape.Batch, _pattern.CacheLength, shape.Width);
        _values = contract.Input(_cacheType, huge, shape.Batch, _pattern.CacheLength, shape.Width);
    }

    private bool Cross => _pattern.Kind == AttentionKind.LyricsCross;

    /// <summary>Attends at each position, ascending: the step, the last row of a chunk of three, and what the reference gives.</summary>
    public IEnumerable<(int Position, float[] Step, float[] Chunk, double[] Expected)> Attend(IEnumerable<int> positions)
    {
        if (Cross)
        {
            Tensor encoder = _contract.Input(ElementType.F32, _encoder, _shape.Batch, _lyricsLength, 2 * _shape.Width);
            _contract.Backend.AppendToCache(encoder, _keys, _values, _pattern, _contract.Cursor(0));
        }

        int done = 0;
        foreach (int position in positions)
        {
            while (!Cross && done <= position)
            {
                int count = Math.Min(_pattern.ChunkLength, position + 1 - done);
                _contract.Backend.AppendToCache(Rows(done, count, 3), _keys, _values, _pattern, _contract.Cursor(done));
                done += count;
            }

            int tail = Math.Min(3, position + 1);
            float[] chunk = Attend(position - tail + 1, tail);
            var last = new float[_shape.Batch * _shape.Width];
            for (int n = 0; n < _shape.Batch; n++)
            {
                chunk.AsSpan(((n * tail) + tail - 1) * _shape.Width, _shape.Width).CopyTo(last.AsSpan(n * _shape.Width));
            }

            yield return (position, Attend(position, 1), last, Expected(position));
        }
    }

    private float[] Attend(int first, int count)
    {
        Tensor y = _contract.Output(ElementType.F32, _shape.Batch, count, _shape.Width);
        _contract.Backend.Attend(Rows(first, count, Cross ? 1 : 3), _keys, _values, _pattern, _shape.Heads, _contract.Cursor(first), y);
        return y.ToArray<float>();
    }

    private Tensor Rows(int first, int count, int parts)
    {
        int columns = parts * _shape.Width;
        var rows = new float[_shape.Batch * count * columns];
        for (int row = 0; row < _shape.Batch * count; row++)
        {
            _projected.AsSpan(At(row / count, first + (row % count), 0), columns).CopyTo(rows.AsSpan(row * columns));
        }

        return _contract.Input(ElementType.F32, rows, _shape.Batch, count, columns);
    }

    private double[] Expected(int position)
    {
        (List<int> seen, int zeroKeys) = ReferenceOps.VisiblePositions(
            _pattern.Kind, position, _pattern.ContextLength, _pattern.BlockCount, _spread, _lyricsLength);
        int depth = _shape.Width / _shape.Heads;
        var result = new double[_shape.Batch * _shape.Width];
        for (int n = 0; n < _shape.Batch; n++)
        {
            for (int first = 0; first < _shape.Width; first += depth)
            {
                double[] query = Array.ConvertAll(_projected.AsSpan(At(n, position, 0) + first, depth).ToArray(), v => (double)v);
                double[] weights = ReferenceOps.AttentionWeights(query, seen.ConvertAll(j => KeyOrValue(n, j, 0, first, depth)), zeroKeys);
                for (int i = 0; i < weights.Length; i++)
                {
                    double[] value = KeyOrValue(n, seen[i], 1, first, depth);
                    for (int c = 0; c < depth; c++)
                    {
                        result[(n * _shape.Width) + first + c] += weights[i] * value[c];
                    }
                }
            }
        }

        return result;
    }

    private double[] KeyOrValue(int n, int j, int which, int first, int count)
    {
        ReadOnlySpan<float> row = Cross
            ? _encoder.AsSpan((((((n * _lyricsLength) + j) * 2) + which) * _shape.Width) + first, count)
            : _projected.AsSpan(At(n, j, 1 + which) + first, count);
        return Array.ConvertAll(row.ToArray(), v => OpContract.Rounded(_cacheType, v));
    }

    private int At(int n, int position, int part) => ((((n * _pattern.ContextLength) + position) * 3) + part) * _shape.Width;
}

/// <summary>How many items, heads and channels.</summary>
internal readonly record struct HeadShape(int Batch, int Heads, int Width)
{
    public int HeadWidth => Width / Heads;
}
