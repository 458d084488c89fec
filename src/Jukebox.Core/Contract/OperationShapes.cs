using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

/// <summary>
/// The shapes that the operations of <see cref="IBackend"/> accept, stated once for every backend: a comparison when all is well, a
/// message with every shape when not. What only one device requires it checks beside these.
/// </summary>
public static partial class OperationShapes
{
    /// <summary>Refuses tensors that do not fit together.</summary>
    /// <exception cref="ArgumentException">They do not; the message names the operation and every shape.</exception>
    public static void Require(bool fits, string operation, params ReadOnlySpan<Tensor> tensors)
    {
        if (!fits)
        {
            ThrowMismatch(operation, tensors);
        }
    }

    /// <summary>The type of a tensor that is computed with.</summary>
    /// <exception cref="ArgumentException">It holds integers.</exception>
    public static ElementType FloatingType(Tensor tensor) => tensor.Type is ElementType.F32 or ElementType.F16 or ElementType.BF16
        ? tensor.Type
        : throw new ArgumentException($"cannot compute with {tensor.Type}");

    /// <summary>Of <see cref="IBackend.Embed"/>.</summary>
    public static void Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor y)
    {
        int batch = y.Shape[0], width = y.Shape[2];
        Require(
            tokens.Shape[0] == batch && table.Shape[1] == width && start.LengthElements == (long)batch * width
            && positions.Shape[-1] == width && (condition?.Shape[0] ?? batch) == batch && (condition?.Shape[2] ?? width) == width,
            "embed",
            tokens,
            table,
            start,
            positions,
            y);
    }

    /// <summary>Of <see cref="IBackend.Copy"/>.</summary>
    public static void Copy(Tensor x, Tensor y)
    {
        Require(x.Type == y.Type && x.LengthElements == y.LengthElements, "copy", x, y);
        if (x.Buffer == y.Buffer && Math.Abs(x.OffsetBytes - y.OffsetBytes) < x.LengthBytes)
        {
            throw new ArgumentException($"copy: {x} at byte {x.OffsetBytes} and {y} at byte {y.OffsetBytes} of one buffer overlap");
        }
    }

    /// <summary>Of <see cref="IBackend.LayerNorm"/>.</summary>
    public static void LayerNorm(Tensor x, Tensor gain, Tensor bias, Tensor y)
    {
        int width = x.Shape[-1];
        Require(y.Shape == x.Shape && gain.LengthElements == width && bias.LengthElements == width, "layer norm", x, gain, bias, y);
    }

    /// <summary>Of <see cref="IBackend.Linear"/>; rows of its output, 0 if there is nothing to do.</summary>
    public static int Linear(Tensor x, PackedMatrix weights, Tensor? residual, Tensor y) =>
        Linear(x, weights, weights.InputWidth, weights.OutputWidth, residual, y);

    /// <summary>Of <see cref="ITrainingBackend.LinearForward"/>; rows of its output, 0 if there is nothing to do.</summary>
    public static int LinearForward(Tensor x, in LinearWeights weights, Tensor? residual, Tensor y)
    {
        Require((weights.Bias?.LengthElements ?? weights.OutputWidth) == weights.OutputWidth, "linear", x, weights.Weight, weights.Bias ?? y);
        return Linear(x, weights.Weight, weights.InputWidth, weights.OutputWidth, residual, y);
    }

    /// <summary>Of what <see cref="IBackend.Pack"/> is given.</summary>
    /// <exception cref="ArgumentException">The matrix is none, has no elements or holds integers, or the bias does not fit.</exception>
    public static void Pack(in LinearWeights weights)
    {
        Tensor matrix = weights.Weight;
        FloatingType(matrix);
        Require(matrix.Shape.Rank == 2 && (weights.Bias?.LengthElements ?? weights.OutputWidth) == weights.OutputWidth, "pack", matrix, weights.Bias ?? matrix);
        if (matrix.LengthElements == 0)
        {
            throw new ArgumentException($"pack: the matrix {matrix} has no elements");
        }
    }

    /// <summary>Of <see cref="IBackend.AppendToCache"/>; the positions that there are for new keys.</summary>
    public static int AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern)
    {
        bool cross = pattern.Kind == AttentionKind.LyricsCross;
        Require(
            projected.Shape.Rank == 3 && values.Shape == keys.Shape && keys.Shape[0] == projected.Shape[0] && keys.Shape[1] >= pattern.CacheLength
            && projected.Shape[2] >= 2 * keys.Shape[2] && (cross || projected.Shape[1] <= pattern.ChunkLength),
            "append to cache",
            projected,
            keys,
            values);
        return cross ? pattern.KeyLength : pattern.ContextLength;
    }

    /// <summary>Of <see cref="IBackend.Attend"/>.</summary>
    public static void Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor y)
    {
        Require(
            y.Shape[0] == keys.Shape[0] && y.Shape[1] == projected.Shape[1] && y.Shape[2] == keys.Shape[2] && values.Shape == keys.Shape,
            "attend",
            projected,
            keys,
            values,
            y);
        Queries(projected, keys, pattern, heads);
    }

    /// <summary>Of <see cref="IBackend.AttentionWeights"/>.</summary>
    public static void AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor y)
    {
        Require(
            y.Shape[0] == keys.Shape[0] && y.Shape[1] == projected.Shape[1] && y.Shape[2] == keys.Shape[1] && head >= 0 && head < heads,
            "attention weights",
            projected,
            keys,
            y);
        Queries(projected, keys, pattern, heads);
    }

    /// <summary>Of <see cref="IBackend.AddAt"/>.</summary>
    public static void AddAt(Tensor x, Tensor rows, Tensor y) =>
        Require(x.Shape == y.Shape && rows.Shape[0] == y.Shape[0] && rows.Shape[2] == y.Shape[2], "add at", x, rows, y);

    /// <summary>Of <see cref="IBackend.Conv1d"/>, and of its transpose, which has no residual.</summary>
    public static void Convolution(string operation, Tensor x, in ConvWeights weights, Tensor? residual, Tensor y)
    {
        Require(
            x.Shape.Rank == 3 && y.Shape.Rank == 3 && x.Shape[0] == y.Shape[0] && x.Shape[2] == weights.InputWidth
            && y.Shape[2] == weights.OutputWidth && weights.Bias.LengthElements == weights.OutputWidth,
            operation,
            x,
            weights.Weight,
            weights.Bias,
            y);
        Require(residual is not { } added || added.Shape == y.Shape, operation, residual ?? y, y);
    }

    /// <summary>Of <see cref="IBackend.ResidualBlock"/>; its shift.</summary>
    public static int ResidualBlock(Tensor x, in ConvWeights dilated, in ConvGeometry geometry, in ConvWeights pointwise, Tensor y)
    {
        int shift = (geometry.Dilation * (dilated.Taps - 1) / 2) - geometry.Padding;
        Require(
            x.Shape.Rank == 3 && y.Shape.Rank == 3 && x.Shape[0] == y.Shape[0] && x.Shape[2] == dilated.InputWidth
            && y.Shape[2] == x.Shape[2] && pointwise.Taps == 1 && pointwise.InputWidth == dilated.OutputWidth
            && pointwise.OutputWidth == x.Shape[2] && dilated.Bias.LengthElements == dilated.OutputWidth
            && pointwise.Bias.LengthElements == x.Shape[2] && geometry.Stride == 1 && dilated.Taps % 2 == 1
            && shift >= 0 && shift + y.Shape[1] <= x.Shape[1],
            "residual block",
            x,
            dilated.Weight,
            dilated.Bias,
            pointwise.Weight,
            pointwise.Bias,
            y);
        return shift;
    }

    /// <summary>Of <see cref="IBackend.NearestCode"/>.</summary>
    public static void NearestCode(Tensor x, Tensor codebook, Tensor codes) => Require(
        codebook.Shape.Rank == 2 && codebook.Shape[0] > 0 && x.Shape[-1] == codebook.Shape[-1] && x.Shape.RowCount == codes.LengthElements,
        "nearest code",
        x,
        codebook,
        codes);

    /// <summary>Of <see cref="IBackend.SampleTokens"/>.</summary>
    public static void SampleTokens(Tensor logits, Tensor items, Tensor tokens, Tensor drawn)
    {
        int batch = logits.Shape[0];
        Require(
            items.LengthElements == batch && tokens.Shape[0] == batch && drawn.Shape[0] > 0 && drawn.Shape[1] == batch && logits.Shape[1] > 0,
            "sample tokens",
            logits,
            items,
            tokens,
            drawn);
    }

    /// <summary>Queries against a cache.</summary>
    private static void Queries(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads) => Require(
        projected.Shape[0] == keys.Shape[0] && projected.Shape[2] >= keys.Shape[2] && heads > 0
        && keys.Shape[2] % heads == 0 && keys.Shape[1] >= pattern.CacheLength,
        "attention",
        projected,
        keys);

    private static int Linear<TMatrix>(Tensor x, TMatrix weights, int inputs, int outputs, Tensor? residual, Tensor y)
    {
        int rows = y.Shape[-1] == 0 ? 0 : y.Shape.RowCount;
        return x.Shape[-1] == inputs && y.Shape[-1] == outputs && x.Shape.RowCount == rows && (residual?.LengthElements ?? y.LengthElements) == y.LengthElements
            ? rows
            : throw new ArgumentException($"linear: the shapes do not fit together: {x}, {weights}, {residual ?? y}, {y}");
    }

    private static void ThrowMismatch(string operation, ReadOnlySpan<Tensor> tensors)
    {
        var shapes = new string[tensors.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            shapes[i] = tensors[i].ToString();
        }

        throw new ArgumentException($"{operation}: the shapes do not fit together: {string.Join(", ", shapes)}");
    }
}
