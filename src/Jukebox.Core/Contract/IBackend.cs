using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Randomness;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

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
/// One thread at a time: which one may change from operation to operation, but a second thread that comes while one is inside is
/// refused with an <see cref="InvalidOperationException"/> that names both.
/// </para>
/// <para>
/// A <em>cursor</em> is an I32 tensor (2) on the device: the position of the next token in the window's sequence, and
/// the index of that token from the start of the song (which keys its random number). A step reads it there, so that
/// every step is the same launches. It is set by <see cref="Tensor.Upload"/> and moved by <see cref="Advance"/>.
/// </para>
/// </summary>
public interface IBackend : IDisposable
{
    /// <summary>What <see cref="SampleTokens"/> leaves in place of a draw that logits allow none of.</summary>
    const int NotFinite = int.MinValue;

    /// <summary>What runs where, for people: "CPU, AVX-512, 2 threads".</summary>
    string Name { get; }

    /// <summary>
    /// What decides how sums are rounded: "CPU, AVX-512". Devices where it is the same draw the same tokens; where it
    /// differs a draw that is nearly a tie can fall to the other side.
    /// </summary>
    string Arithmetic => Name;

    /// <summary>The device's own memory, asked for anew each time; none where it computes in the machine's.</summary>
    MemoryFacts? Memory { get; }

    /// <summary>What training needs besides, of the same device and the same queue; none where models cannot be trained on it.</summary>
    ITrainingBackend? Training { get; }

    /// <summary>What the device can do at most, measured now, which takes seconds; none where this is not one device.</summary>
    MachineLimits? MeasureLimits();

    /// <summary>Allocates device memory of undefined content; the caller disposes it.</summary>
    /// <exception cref="DeviceException">There is not that much.</exception>
    DeviceBuffer Allocate(long lengthBytes);

    /// <summary>
    /// Makes a stored tensor usable on the device. Where the device can read the mapped file in place no copy is made: the file
    /// then stays mapped until the buffer, which the caller disposes either way, is gone too.
    /// </summary>
    Tensor Load(StoredTensor source);

    /// <summary>
    /// A linear layer in the storage and order that <see cref="Linear"/> and <see cref="NormLinear"/> read. It takes the argument's
    /// buffers over, which nothing else may use then: they are freed at once, so that a device never holds a matrix twice, or with
    /// it where the device reads them as they are. When this fails they are the caller's still.
    /// </summary>
    /// <exception cref="ArgumentException">The matrix has no elements, or holds integers.</exception>
    /// <exception cref="DeviceException">There is no memory for it.</exception>
    PackedMatrix Pack(in LinearWeights weights);

    /// <summary>How <see cref="Pack"/> stores the matrices of a file that has them as <paramref name="stored"/>.</summary>
    ElementType PackedType(ElementType stored);

    /// <summary>Bytes of such a matrix, packed: what it takes in memory, and what one pass over it reads.</summary>
    /// <param name="stored">How a file has it.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    long PackedBytes(ElementType stored, int inputs, int outputs);

    /// <summary>How the keys and values are stored that belong to matrices packed as <paramref name="packed"/>.</summary>
    ElementType CacheType(ElementType packed);

    /// <summary>
    /// Keeps a sequence of operations to be issued again and again, as one piece where the device can. Nothing is done
    /// yet. Every operation must have been issued once before with the same shapes, so that nothing is allocated in it;
    /// it may not upload, download or wait.
    /// </summary>
    Recording Record(Action operations);

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
    void Linear(Tensor x, PackedMatrix weights, Activation activation, Tensor? residual, Tensor y);

    /// <summary>
    /// y = activation(norm(x) · W + b), the same bits as <see cref="LayerNorm"/> and <see cref="Linear"/> one after the
    /// other: x (…, Cin), y (…, Cout). With <paramref name="append"/>, where y is (N, T, 3S), as if
    /// <see cref="AppendToCache"/> followed; y's last 2S channels are then undefined.
    /// </summary>
    /// <param name="x">(…, Cin).</param>
    /// <param name="norm">(Cin).</param>
    /// <param name="weights">W and b.</param>
    /// <param name="activation">What is done to the sums.</param>
    /// <param name="append">Caches that y's keys and values go to, or none.</param>
    /// <param name="normed">Room of x's shape; undefined afterwards.</param>
    /// <param name="y">(…, Cout).</param>
    void NormLinear(Tensor x, in LayerNormWeights norm, PackedMatrix weights, Activation activation, in CacheAppend? append, Tensor normed, Tensor y);

    /// <summary>
    /// Stores the keys and values of T new positions, from the cursor's on: the last 2S channels of
    /// <paramref name="projected"/> (N, T, 3S or 2S) go to their slots of <paramref name="keys"/> and
    /// <paramref name="values"/> (N, L, S), stored as <see cref="CacheType"/> says. T is at most the pattern's chunk length, except for encoder states.
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
    /// (seed, items[n], level, cursor[1]), p = cursor[0], and leaves it in drawn[p mod R, n] as well, where the host finds
    /// the last R draws. The cumulative distribution is summed in index order. Logits that are not finite draw token 0 and
    /// leave <see cref="NotFinite"/> in drawn.
    /// </summary>
    /// <param name="logits">(N, K) F32.</param>
    /// <param name="rule">Temperature and filters.</param>
    /// <param name="seed">Seed of the song.</param>
    /// <param name="level">Level that the tokens belong to.</param>
    /// <param name="items">(N) I32: index of each row's item in the song.</param>
    /// <param name="cursor">(2) I32.</param>
    /// <param name="tokens">(N, P) I32.</param>
    /// <param name="drawn">(R, N) I32.</param>
    void SampleTokens(Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens, Tensor drawn);

    /// <summary>Adds <paramref name="count"/> to both numbers of the cursor.</summary>
    void Advance(Tensor cursor, int count);

    /// <summary>y = x, element by element, rounding to nearest even where y is narrower.</summary>
    void Convert(Tensor x, Tensor y);

    /// <summary>Copies bytes between tensors of one type and element count, which must not overlap: devices copy in no order.</summary>
    /// <exception cref="ArgumentException">Types or counts differ, or the tensors overlap.</exception>
    void Copy(Tensor x, Tensor y);
}
