using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;

namespace Jukebox.Tests.Ops;

/// <summary>
/// A sequence of projected queries, keys and values for one pattern, run through the cache in chunks, and what the
/// reference makes of it. Cache slots that nobody has written hold huge values, so that reading one shows.
/// </summary>
internal sealed class AttentionCase
{
    private const float Huge = 1e30f;

    private readonly OpContract _contract;
    private readonly ElementType _cacheType;
    private readonly float[] _projected;
    private readonly float[] _encoder;
    private readonly int _batch, _heads, _width, _spread, _lyricsLength;

    public AttentionCase(
        OpContract contract, AttentionKind kind, int contextLength, int blockCount, int chunkLength, int batch, int heads, int width,
        int spread = 2, int lyricsLength = 5)
    {
        _contract = contract;
        _cacheType = contract.Backend.CacheType(ElementType.F32);
        (_batch, _heads, _width, _spread, _lyricsLength) = (batch, heads, width, spread, lyricsLength);
        Pattern = AttentionPattern.Create(kind, contextLength, blockCount, chunkLength, spread, lyricsLength);
        _projected = contract.Random.Floats((long)batch * contextLength * 3 * width);
        _encoder = contract.Random.Floats((long)batch * Math.Max(lyricsLength, 1) * 2 * width);
    }

    public AttentionPattern Pattern { get; }

    private bool Cross => Pattern.Kind == AttentionKind.LyricsCross;

    /// <summary>Attends all positions in chunks; (N, P, S) as bits, or the weights of a head, (N, P, L).</summary>
    public float[] Run(IReadOnlyList<int> chunks, int? weightsOfHead = null)
    {
        IBackend backend = _contract.Backend;
        int slots = Pattern.CacheLength, outputs = weightsOfHead is null ? _width : slots;
        float[] huge = new float[_batch * slots * _width];
        huge.AsSpan().Fill(Huge);
        Tensor keys = _contract.Input(_cacheType, huge, _batch, slots, _width);
        Tensor values = _contract.Input(_cacheType, huge, _batch, slots, _width);
        if (Cross)
        {
            Tensor encoder = _contract.Input(ElementType.F32, _encoder, _batch, _lyricsLength, 2 * _width);
            backend.AppendToCache(encoder, keys, values, Pattern, _contract.Cursor(0));
        }

        var result = new float[_batch * Pattern.ContextLength * outputs];
        int position = 0;
        foreach (int count in chunks)
        {
            Tensor projected = _contract.Input(ElementType.F32, Chunk(position, count), _batch, count, Columns);
            Tensor cursor = _contract.Cursor(position);
            if (!Cross)
            {
                backend.AppendToCache(projected, keys, values, Pattern, cursor);
            }

            Tensor y = _contract.Output(ElementType.F32, _batch, count, outputs);
            if (weightsOfHead is { } head)
            {
                backend.AttentionWeights(projected, keys, Pattern, _heads, head, cursor, y);
            }
            else
            {
                backend.Attend(projected, keys, values, Pattern, _heads, cursor, y);
            }

            float[] part = y.ToArray<float>();
            for (int n = 0; n < _batch; n++)
            {
                part.AsSpan(n * count * outputs, count * outputs).CopyTo(result.AsSpan(((n * Pattern.ContextLength) + position) * outputs));
            }

            position += count;
        }

        return result;
    }

    /// <summary>What <see cref="Run"/> should give.</summary>
    public double[] Expected(int? weightsOfHead = null)
    {
        int length = Pattern.ContextLength, depth = _width / _heads, outputs = weightsOfHead is null ? _width : Pattern.CacheLength;
        var result = new double[_batch * length * outputs];
        for (int n = 0; n < _batch; n++)
        {
            for (int p = 0; p < length; p++)
            {
                (List<int> seen, int zeroKeys) = ReferenceOps.VisiblePositions(
                    Pattern.Kind, p, length, Pattern.BlockCount, _spread, _lyricsLength);
                for (int head = 0; head < _heads; head++)
                {
                    double[] query = Channels(n, p, head * depth, depth);
                    List<double[]> keys = seen.ConvertAll(j => KeyOrValue(n, j, 0, head * depth, depth));
                    double[] weights = ReferenceOps.AttentionWeights(query, keys, zeroKeys);
                    for (int i = 0; i < seen.Count; i++)
                    {
                        if (weightsOfHead == head)
                        {
                            result[(((n * length) + p) * outputs) + Pattern.Slot(seen[i])] = weights[i];
                        }

                        double[] value = KeyOrValue(n, seen[i], 1, head * depth, depth);
                        for (int c = 0; c < depth && weightsOfHead is null; c++)
                        {
                            result[(((n * length) + p) * outputs) + (head * depth) + c] += weights[i] * value[c];
                        }
                    }
                }
            }
        }

        return result;
    }

    private int Columns => Cross ? _width : 3 * _width;

    private float[] Chunk(int position, int count)
    {
        var chunk = new float[_batch * count * Columns];
        for (int row = 0; row < _batch * count; row++)
        {
            int from = (((row / count) * Pattern.ContextLength) + position + (row % count)) * 3 * _width;
            _projected.AsSpan(from, Columns).CopyTo(chunk.AsSpan(row * Columns));
        }

        return chunk;
    }

    private double[] Channels(int n, int p, int first, int count) =>
        Array.ConvertAll(_projected.AsSpan(((((n * Pattern.ContextLength) + p) * 3) * _width) + first, count).ToArray(), v => (double)v);

    /// <summary>As the cache has it, rounded to its storage.</summary>
    private double[] KeyOrValue(int n, int j, int which, int first, int count) => Array.ConvertAll(
        Cross
            ? _encoder.AsSpan((((((n * _lyricsLength) + j) * 2) + which) * _width) + first, count).ToArray()
            : _projected.AsSpan((((((n * Pattern.ContextLength) + j) * 3) + 1 + which) * _width) + first, count).ToArray(),
        v => OpContract.Rounded(_cacheType, v));
}
