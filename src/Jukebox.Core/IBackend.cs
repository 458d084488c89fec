namespace Jukebox.Core;

/// <summary>What a linear layer does to its sums before storing them.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>x · sigmoid(1.702 · x).</summary>
    QuickGelu,
}

/// <summary>
/// Parameters of a linear layer. <paramref name="Weight"/> is (Cin, Cout), as transformer checkpoints have it, or
/// (Cout, Cin) when <paramref name="OutputMajor"/>, as embedding tables used for logits are.
/// </summary>
public readonly record struct LinearWeights(Tensor Weight, Tensor? Bias, bool OutputMajor = false)
{
    /// <summary>Input channels.</summary>
    public int InputWidth => Weight.Shape[OutputMajor ? 1 : 0];

    /// <summary>Output channels.</summary>
    public int OutputWidth => Weight.Shape[OutputMajor ? 0 : 1];
}

/// <summary>
/// Parameters of a convolution or a transposed convolution, repacked by the converter so that channels are last:
/// <paramref name="Weight"/> (taps, Cin, Cout), <paramref name="Bias"/> (Cout).
/// </summary>
public readonly record struct ConvWeights(Tensor Weight, Tensor Bias)
{
    /// <summary>Taps of the filter.</summary>
    public int Taps => Weight.Shape[0];

    /// <summary>Input channels.</summary>
    public int InputWidth => Weight.Shape[1];

    /// <summary>Output channels.</summary>
    public int OutputWidth => Weight.Shape[2];
}

/// <summary>Steps of a convolution over time, in positions.</summary>
public readonly record struct ConvGeometry(int Stride, int Dilation, int Padding)
{
    /// <summary>Output positions of a convolution over <paramref name="inputLength"/> positions; zero padding.</summary>
    public int OutputLength(int inputLength, int taps) =>
        Math.Max(0, ((inputLength + (2 * Padding) - (Dilation * (taps - 1)) - 1) / Stride) + 1);

    /// <summary>Output positions of the transposed convolution (dilation 1).</summary>
    public int TransposedOutputLength(int inputLength, int taps) => ((inputLength - 1) * Stride) - (2 * Padding) + taps;
}

/// <summary>
/// How a token is drawn: logits ÷ temperature, then at most one of the filters, then a draw from the softmax.
/// </summary>
/// <param name="Temperature">Positive.</param>
/// <param name="TopK">Keep the k largest and their ties; 0 keeps all, 1 draws greedily.</param>
/// <param name="TopP">Keep the most probable entries until their mass passes p; 0 keeps all.</param>
public readonly record struct SamplingRule(float Temperature = 1, int TopK = 0, float TopP = 0);

/// <summary>
/// One device with one in-order queue: the contract between models and devices.
/// <para>
/// Activations are (N, T, C) float32, contiguous, channels last. Weights may be F32, F16 or BF16; sums are float32.
/// An operation may return before it is done; operations run in the order issued; only <see cref="Synchronize"/> and
/// <see cref="DeviceBuffer.Download"/> wait. Inputs come first, then parameters, the destination last; dimensions are
/// taken from the tensors. Unless said otherwise a destination may not overlap an input.
/// </para>
/// <para>
/// Batch invariance: no sum's order depends on the number of rows or of threads, so an item's values are the same
/// bits in any batch. After start-up no operation allocates.
/// </para>
/// <para>
/// A <em>cursor</em> is an I32 tensor (2) on the device: the position of the next token in the window's sequence, and
/// the index of that token from the start of the song (which keys its random number). A step reads it there, so that
/// every step is the same launches. It is set by <see cref="Tensor.Upload"/> and moved by <see cref="Advance"/>.
/// </para>
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>What runs where, for people: "CPU, AVX-512, 2 threads".</summary>
    string Name { get; }

    /// <summary>Allocates device memory of undefined content; the caller disposes it.</summary>
    DeviceBuffer Allocate(long lengthBytes);

    /// <summary>
    /// Makes a stored tensor usable on the device. Where the device can read the mapped file in place no copy is made,
    /// so the file must stay open; the buffer is disposed by the caller either way.
    /// </summary>
    Tensor Load(StoredTensor source);

    /// <summary>Waits until everything issued so far is done.</summary>
    void Synchronize();

    /// <summary>
    /// The input of a transformer for positions p … p + T − 1, p being the cursor's:
    /// y[n,t] = (p + t = 0 ? start[n] : table[tokens[n, p + t − 1]]) + positions[p + t] + condition[n, p + t].
    /// </summary>
    /// <param name="tokens">(N, P) I32: every token of the window so far.</param>
    /// <param name="table">(K, C).</param>
    /// <param name="start">(N, C) F32: what stands before the first token.</param>
    /// <param name="positions">(P, C).</param>
    /// <param name="condition">(N, P, C) F32, or none.</param>
    /// <param name="cursor">(2) I32.</param>
    /// <param name="y">(N, T, C) F32.</param>
    void Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor cursor, Tensor y);

    /// <summary>y[i] = table[indices[i]]: indices (…) I32, table (K, C), y (…, C) F32.</summary>
    void Gather(Tensor indices, Tensor table, Tensor y);

    /// <summary>y = (x − mean) / √(variance + 1e−5) · gain + bias over the last axis; y may be x.</summary>
    void LayerNorm(Tensor x, Tensor gain, Tensor bias, Tensor y);

    /// <summary>y = activation(x · W + b) + residual: x (…, Cin), y and residual (…, Cout); y may be the residual.</summary>
    void Linear(Tensor x, in LinearWeights weights, Activation activation, Tensor? residual, Tensor y);

    /// <summary>
    /// Stores the keys and values of T new positions, from the cursor's on: the last 2S channels of
    /// <paramref name="projected"/> (N, T, 3S or 2S) go to their slots of <paramref name="keys"/> and
    /// <paramref name="values"/> (N, L, S). T is at most the pattern's chunk length, except for encoder states.
    /// </summary>
    void AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor);

    /// <summary>
    /// Attention of T positions, from the cursor's on, over the cache, after their keys were appended:
    /// the first S channels of <paramref name="projected"/> (N, T, 3S or S) are the queries; y (N, T, S).
    /// Scores are scaled by 1/√(S / heads); the softmax is float32.
    /// </summary>
    void Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor cursor, Tensor y);

    /// <summary>
    /// The softmax weights that <see cref="Attend"/> gives one head, by cache slot: y (N, T, L), zero where unseen.
    /// For lyric alignment; zero keys take their share of the sum but have no column.
    /// </summary>
    void AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor cursor, Tensor y);

    /// <summary>y = x + scale · delta, all of one shape; y may be either input.</summary>
    void ScaledAdd(Tensor x, Tensor delta, float scale, Tensor y);

    /// <summary>y[n,t] = x[n,t] + rows[n, p + t], p being the cursor's: x, y (N, T, C); rows (N, P, C). y may be x.</summary>
    void AddAt(Tensor x, Tensor rows, Tensor cursor, Tensor y);

    /// <summary>
    /// y[n,t] = residual[n,t] + scale · (Σ over taps j of x[n, t · stride − padding + j · dilation] · W[j] + bias):
    /// x (N, T, Cin), y and residual (N, T′, Cout). T′ is y's and free: positions before x and after it are zeros, so
    /// that a window of a long signal can be computed by itself. <paramref name="reluInput"/> clamps x at zero first. The
    /// sum is one chain over taps, then channels. y may be the residual, not x.
    /// </summary>
    void Conv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, bool reluInput, Tensor? residual, float scale, Tensor y);

    /// <summary>
    /// A residual block, y[n,t] = x[n, t + shift] + scale · pointwise(ReLU(dilated(ReLU(x)))), as two calls of
    /// <see cref="Conv1d"/> would give it but without the hidden signal between them: x (N, T, C), y (N, T′, C), T′ free
    /// as there. The shift, dilation · (taps − 1) / 2 − padding, is that of the dilated filter's middle tap; x must hold
    /// every such row. y may not overlap x. Stride 1; an odd number of taps.
    /// </summary>
    void ResidualBlock(Tensor x, in ConvWeights dilated, in ConvGeometry geometry, in ConvWeights pointwise, float scale, Tensor y);

    /// <summary>
    /// y[n, s · stride − padding + j] += x[n, s] · W[j], plus bias: x (N, T, Cin), y (N, T′, Cout); dilation 1; T′ is y's
    /// and free, as for <see cref="Conv1d"/>. The sum is one chain over ascending taps, then channels.
    /// </summary>
    void TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y);

    /// <summary>
    /// codes[r] = argmin over j of (Σ x² − 2 · x·k_j) + Σ k_j², lowest index on ties: x (R, C) F32, codebook (K, C) F32,
    /// codes (R) I32.
    /// </summary>
    void NearestCode(Tensor x, Tensor codebook, Tensor codes);

    /// <summary>
    /// Draws tokens[n, p] for each row of <paramref name="logits"/> (N, K) by <see cref="CounterRandom.Uniform"/> of
    /// (seed, items[n], level, cursor[1]), p = cursor[0]. The cumulative distribution is summed in index order.
    /// </summary>
    /// <param name="logits">(N, K) F32.</param>
    /// <param name="rule">Temperature and filters.</param>
    /// <param name="seed">Seed of the song.</param>
    /// <param name="level">Level that the tokens belong to.</param>
    /// <param name="items">(N) I32: index of each row's item in the song.</param>
    /// <param name="cursor">(2) I32.</param>
    /// <param name="tokens">(N, P) I32.</param>
    void SampleTokens(Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens);

    /// <summary>Adds <paramref name="count"/> to both numbers of the cursor.</summary>
    void Advance(Tensor cursor, int count);

    /// <summary>y = x, element by element, rounding to nearest even where y is narrower.</summary>
    void Convert(Tensor x, Tensor y);

    /// <summary>Copies bytes between tensors of one type and element count.</summary>
    void Copy(Tensor x, Tensor y);
}
