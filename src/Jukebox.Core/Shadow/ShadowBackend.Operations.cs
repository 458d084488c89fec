using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Shadow;

/// <summary>Every operation: on the one, on the other, then the comparison.</summary>
public sealed partial class ShadowBackend
{
    /// <inheritdoc/>
    public void Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor cursor, Tensor y)
    {
        primary.Embed(Mine(tokens), Mine(table), Mine(start), Mine(positions), Mine(condition), Mine(cursor), Mine(y));
        reference.Embed(Its(tokens), Its(table), Its(start), Its(positions), Its(condition), Its(cursor), Its(y));
        Compare(nameof(Embed), y);
    }

    /// <inheritdoc/>
    public void Gather(Tensor indices, Tensor table, Tensor y)
    {
        primary.Gather(Mine(indices), Mine(table), Mine(y));
        reference.Gather(Its(indices), Its(table), Its(y));
        Compare(nameof(Gather), y);
    }

    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor gain, Tensor bias, Tensor y)
    {
        primary.LayerNorm(Mine(x), Mine(gain), Mine(bias), Mine(y));
        reference.LayerNorm(Its(x), Its(gain), Its(bias), Its(y));
        Compare(nameof(LayerNorm), y);
    }

    /// <inheritdoc/>
    public void Linear(Tensor x, PackedMatrix weights, Activation activation, Tensor? residual, Tensor y)
    {
        (PackedMatrix ofPrimary, PackedMatrix ofReference) = Parts(weights);
        primary.Linear(Mine(x), ofPrimary, activation, Mine(residual), Mine(y));
        reference.Linear(Its(x), ofReference, activation, Its(residual), Its(y));
        Compare(nameof(Linear), y);
    }

    /// <inheritdoc/>
    public void NormLinear(Tensor x, in LayerNormWeights norm, PackedMatrix weights, Activation activation, in CacheAppend? append, Tensor normed, Tensor y)
    {
        (PackedMatrix ofPrimary, PackedMatrix ofReference) = Parts(weights);
        CacheAppend? mine = null, its = null;
        if (append is { } cache)
        {
            mine = new CacheAppend(Mine(cache.Keys), Mine(cache.Values), cache.Pattern, Mine(cache.Cursor));
            its = new CacheAppend(Its(cache.Keys), Its(cache.Values), cache.Pattern, Its(cache.Cursor));
        }

        primary.NormLinear(Mine(x), Mine(norm), ofPrimary, activation, mine, Mine(normed), Mine(y));
        reference.NormLinear(Its(x), Its(norm), ofReference, activation, its, Its(normed), Its(y));
        int queries = append is { } appended ? y.Shape[-1] - (2 * appended.Keys.Shape[2]) : y.Shape[-1];
        CompareColumns(nameof(NormLinear), y, queries);
        if (append is { } target)
        {
            CompareAppended(nameof(NormLinear), target.Keys, target.Values, target.Pattern, target.Cursor, y.Shape[1]);
        }
    }

    /// <inheritdoc/>
    public void AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor)
    {
        primary.AppendToCache(Mine(projected), Mine(keys), Mine(values), pattern, Mine(cursor));
        reference.AppendToCache(Its(projected), Its(keys), Its(values), pattern, Its(cursor));
        CompareAppended(nameof(AppendToCache), keys, values, pattern, cursor, projected.Shape[1]);
    }

    /// <inheritdoc/>
    public void Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor cursor, Tensor y)
    {
        primary.Attend(Mine(projected), Mine(keys), Mine(values), pattern, heads, Mine(cursor), Mine(y));
        reference.Attend(Its(projected), Its(keys), Its(values), pattern, heads, Its(cursor), Its(y));
        Compare($"{nameof(Attend)} ({pattern.Kind})", y);
    }

    /// <inheritdoc/>
    public void AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor cursor, Tensor y)
    {
        primary.AttentionWeights(Mine(projected), Mine(keys), pattern, heads, head, Mine(cursor), Mine(y));
        reference.AttentionWeights(Its(projected), Its(keys), pattern, heads, head, Its(cursor), Its(y));
        Compare($"{nameof(AttentionWeights)} ({pattern.Kind})", y);
    }

    /// <inheritdoc/>
    public void ScaledAdd(Tensor x, Tensor delta, float scale, Tensor y)
    {
        primary.ScaledAdd(Mine(x), Mine(delta), scale, Mine(y));
        reference.ScaledAdd(Its(x), Its(delta), scale, Its(y));
        Compare(nameof(ScaledAdd), y);
    }

    /// <inheritdoc/>
    public void AddAt(Tensor x, Tensor rows, Tensor cursor, Tensor y)
    {
        primary.AddAt(Mine(x), Mine(rows), Mine(cursor), Mine(y));
        reference.AddAt(Its(x), Its(rows), Its(cursor), Its(y));
        Compare(nameof(AddAt), y);
    }

    /// <inheritdoc/>
    public void Conv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, bool reluInput, Tensor? residual, float scale, Tensor y)
    {
        primary.Conv1d(Mine(x), Mine(weights), geometry, reluInput, Mine(residual), scale, Mine(y));
        reference.Conv1d(Its(x), Its(weights), geometry, reluInput, Its(residual), scale, Its(y));
        Compare(nameof(Conv1d), y);
    }

    /// <inheritdoc/>
    public void ResidualBlock(Tensor x, in ConvWeights dilated, in ConvGeometry geometry, in ConvWeights pointwise, float scale, Tensor y)
    {
        primary.ResidualBlock(Mine(x), Mine(dilated), geometry, Mine(pointwise), scale, Mine(y));
        reference.ResidualBlock(Its(x), Its(dilated), geometry, Its(pointwise), scale, Its(y));
        Compare(nameof(ResidualBlock), y);
    }

    /// <inheritdoc/>
    public void TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y)
    {
        primary.TransposedConv1d(Mine(x), Mine(weights), geometry, Mine(y));
        reference.TransposedConv1d(Its(x), Its(weights), geometry, Its(y));
        Compare(nameof(TransposedConv1d), y);
    }

    /// <inheritdoc/>
    public void NearestCode(Tensor x, Tensor codebook, Tensor codes)
    {
        primary.NearestCode(Mine(x), Mine(codebook), Mine(codes));
        reference.NearestCode(Its(x), Its(codebook), Its(codes));
        Compare(nameof(NearestCode), codes);
    }

    /// <inheritdoc/>
    public void SampleTokens(Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens, Tensor drawn)
    {
        primary.SampleTokens(Mine(logits), rule, seed, level, Mine(items), Mine(cursor), Mine(tokens), Mine(drawn));
        reference.SampleTokens(Its(logits), rule, seed, level, Its(items), Its(cursor), Its(tokens), Its(drawn));
        int position = Its(cursor).ToArray<int>()[0];
        Compare(nameof(SampleTokens), drawn.Slice(position % drawn.Shape[0], 1));
        for (int n = 0; n < tokens.Shape[0]; n++)
        {
            Compare(nameof(SampleTokens), tokens.Slice(n, 1).Reshape(tokens.Shape[1], 1).Slice(position, 1));
        }
    }

    /// <inheritdoc/>
    public void Advance(Tensor cursor, int count)
    {
        primary.Advance(Mine(cursor), count);
        reference.Advance(Its(cursor), count);
        Compare(nameof(Advance), cursor);
    }

    /// <inheritdoc/>
    public void Convert(Tensor x, Tensor y)
    {
        primary.Convert(Mine(x), Mine(y));
        reference.Convert(Its(x), Its(y));
        Compare(nameof(Convert), y);
    }

    /// <inheritdoc/>
    public void Copy(Tensor x, Tensor y)
    {
        primary.Copy(Mine(x), Mine(y));
        reference.Copy(Its(x), Its(y));
        Compare(nameof(Copy), y);
    }
}
