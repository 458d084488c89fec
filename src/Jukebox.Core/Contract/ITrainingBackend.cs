using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

/// <summary>
/// The contract of a device that models can be trained on: the gradient of each operation of <see cref="IBackend"/> that a
/// forward pass over whole windows uses, and the few operations that training alone needs. Everything is float32. It is had from
/// <see cref="IBackend.Training"/>.
/// <para>
/// With L the loss, <c>dx</c> is ∂L/∂x. Gradients of inputs are written over their destination; gradients of parameters
/// are <em>added</em> to theirs, so that a parameter may be used in several places and over several batches. Parameters
/// lie as in <see cref="IBackend"/>, their gradients alike; nothing is packed.
/// </para>
/// <para>
/// No sum depends on the number of threads: long sums are cut into pieces whose number follows from the shapes, and the
/// pieces are added in order.
/// </para>
/// </summary>
public interface ITrainingBackend : IBackend
{
    /// <summary>
    /// y = x · W + b + residual, the same bits as <see cref="IBackend.Linear"/> of the packed matrix: x (…, Cin), y and residual
    /// (…, Cout); y may be the residual.
    /// </summary>
    void LinearForward(Tensor x, in LinearWeights weights, Tensor? residual, Tensor y);

    /// <summary>dx = dy · Wᵀ + added: dy (…, Cout), dx and added (…, Cin); dx may be added.</summary>
    void LinearInputGradient(Tensor dy, in LinearWeights weights, Tensor? added, Tensor dx);

    /// <summary>
    /// dW += xᵀ · dy and db += Σ dy: x (…, Cin), dy (…, Cout). <paramref name="gradient"/> has the layer's shapes and
    /// order; without a bias in it none is computed.
    /// </summary>
    void LinearWeightGradient(Tensor x, Tensor dy, in LinearWeights gradient);

    /// <summary>y = x · sigmoid(1.702 · x), the same bits as <see cref="Activation.QuickGelu"/>; y may be x.</summary>
    void QuickGelu(Tensor x, Tensor y);

    /// <summary>dx = dy · (σ + 1.702 · x · σ · (1 − σ)), σ = sigmoid(1.702 · x); dx may be dy.</summary>
    void QuickGeluGradient(Tensor x, Tensor dy, Tensor dx);

    /// <summary>
    /// The gradient of <see cref="IBackend.LayerNorm"/>: dx = ∂L/∂x + added, and the gains and biases of
    /// <paramref name="gradient"/> grow by theirs. x, dy, dx, added (…, C); dx may be dy or added.
    /// </summary>
    void LayerNormGradient(Tensor x, Tensor gain, Tensor dy, Tensor? added, Tensor dx, in LayerNormWeights gradient);

    /// <summary>
    /// The gradient of <see cref="IBackend.Attend"/> over a whole window, T being the pattern's context and the cursor at 0.
    /// </summary>
    /// <param name="projected">(N, T, 3S or S): the queries are its first S channels.</param>
    /// <param name="keys">(N, L, S) F32, as the forward pass left them.</param>
    /// <param name="values">(N, L, S) F32.</param>
    /// <param name="pattern">Who sees whom.</param>
    /// <param name="heads">Heads that S is cut into.</param>
    /// <param name="dy">(N, T, S).</param>
    /// <param name="dprojected">(N, T, 3S or S): its first S channels are written, the others left.</param>
    /// <param name="dkeys">(N, L, S): every slot is written.</param>
    /// <param name="dvalues">(N, L, S): every slot is written.</param>
    void AttendGradient(
        Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor dy, Tensor dprojected, Tensor dkeys, Tensor dvalues);

    /// <summary>
    /// The gradient of <see cref="IBackend.AppendToCache"/> of a whole window at position 0: the last 2S channels of
    /// <paramref name="dprojected"/> (N, T, 3S or 2S) are read from their slots of <paramref name="dkeys"/> and
    /// <paramref name="dvalues"/> (N, L, S); zero for a position whose key no slot keeps.
    /// </summary>
    void AppendToCacheGradient(Tensor dkeys, Tensor dvalues, in AttentionPattern pattern, Tensor dprojected);

    /// <summary>dtable[indices[i]] += dy[i] in order of i: indices (…) I32, dy (…, C), dtable (K, C).</summary>
    void GatherGradient(Tensor indices, Tensor dy, Tensor dtable);

    /// <summary>
    /// The gradient of <see cref="IBackend.Embed"/> of a whole window, T = P and the cursor at 0, but for its condition, whose
    /// gradient is dy itself: dtable[tokens[n, t − 1]] += dy[n, t] for t ≥ 1, dpositions[t] += Σ_n dy[n, t], dstart[n] = dy[n, 0].
    /// </summary>
    /// <param name="tokens">(N, T) I32.</param>
    /// <param name="dy">(N, T, C).</param>
    /// <param name="dtable">(K, C), grows.</param>
    /// <param name="dstart">(N, C), written.</param>
    /// <param name="dpositions">(T, C), grows.</param>
    void EmbedGradient(Tensor tokens, Tensor dy, Tensor dtable, Tensor dstart, Tensor dpositions);

    /// <summary>
    /// losses[r] = −log₂ softmax(logits[r])[targets[r]], in bits, and dlogits[r] = scales[r] · ∂losses[r]/∂logits[r]:
    /// logits (R, K), targets (R) I32, scales and losses (R) F32; dlogits (R, K) may be the logits, or none.
    /// </summary>
    void CrossEntropy(Tensor logits, Tensor targets, Tensor scales, Tensor losses, Tensor? dlogits);

    /// <summary>
    /// The gradient of <see cref="IBackend.Conv1d"/> with respect to its x: dx = scale · (∂/∂x of the convolution)ᵀ dy,
    /// times [x &gt; 0] where <paramref name="relu"/> gives the x that was clamped, + added. dy (N, T′, Cout), dx, relu and added
    /// (N, T, Cin); dx may be added, or dy where stride is 1 and it is also added. Positions of x outside it get none.
    /// </summary>
    void Conv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor? relu, float scale, Tensor? added, Tensor dx);

    /// <summary>
    /// dW[j] += scale · Σ x[n, t · stride − padding + j · dilation]ᵀ · dy[n, t], db += scale · Σ dy: x (N, T, Cin), clamped at zero
    /// first where <paramref name="reluInput"/>, dy (N, T′, Cout).
    /// </summary>
    void Conv1dWeightGradient(Tensor x, bool reluInput, Tensor dy, in ConvGeometry geometry, float scale, in ConvWeights gradient);

    /// <summary>dx of <see cref="IBackend.TransposedConv1d"/>: dy (N, T′, Cout), dx (N, T, Cin).</summary>
    void TransposedConv1dInputGradient(Tensor dy, in ConvWeights weights, in ConvGeometry geometry, Tensor dx);

    /// <summary>The parameters' gradient of <see cref="IBackend.TransposedConv1d"/>: x (N, T, Cin), dy (N, T′, Cout).</summary>
    void TransposedConv1dWeightGradient(Tensor x, Tensor dy, in ConvGeometry geometry, in ConvWeights gradient);

    /// <summary>
    /// How far apart two signals' spectra are: norms[n] = (‖ |STFT(x[n])| − |STFT(y[n])| ‖, ‖ |STFT(x[n])| ‖), Frobenius norms of
    /// magnitudes, and dy[n] += scale · ∂norms[n, 0]/∂y[n], which is zero where the norm, or a magnitude, is.
    /// </summary>
    /// <param name="x">(N, T), T &gt; transform / 2.</param>
    /// <param name="y">(N, T).</param>
    /// <param name="resolution">Transform, hop and window.</param>
    /// <param name="norms">(N, 2) F32, written.</param>
    /// <param name="scale">Factor of the gradient.</param>
    /// <param name="dy">(N, T), grows; or none.</param>
    void SpectralDistance(Tensor x, Tensor y, in SpectralResolution resolution, Tensor norms, float scale, Tensor? dy);

    /// <summary>
    /// Three distances of samples, losses = (mean |y − x|, mean (y − x)², mean over items of the mean of the item's
    /// <paramref name="largestCount"/> largest (y − x)²), and dy = Σ scales · their gradients.
    /// </summary>
    /// <param name="x">(N, T).</param>
    /// <param name="y">(N, T).</param>
    /// <param name="largestCount">Samples of the third, at most T.</param>
    /// <param name="scales">Factors of the three gradients.</param>
    /// <param name="losses">(3) F32, written.</param>
    /// <param name="dy">(N, T), written; or none.</param>
    void SampleDistance(Tensor x, Tensor y, int largestCount, in SampleDistanceScales scales, Tensor losses, Tensor? dy);

    /// <summary>
    /// counts[k] = number of rows with code k, sums[k] = their sum, in order of rows: codes (R) I32, x (R, E), counts (K) F32,
    /// sums (K, E); both written.
    /// </summary>
    void CodeSums(Tensor codes, Tensor x, Tensor counts, Tensor sums);

    /// <summary>Σ x², in double precision; waits for the queue.</summary>
    double SumOfSquares(Tensor x);

    /// <summary>
    /// One step of Adam with the constants of <paramref name="rule"/>, element by element: g = gradient / divisor,
    /// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − η · (m / (√v + ε) + decay · p).
    /// </summary>
    void AdamStep(Tensor parameters, Tensor gradients, Tensor firstMoments, Tensor secondMoments, in AdamRule rule);

    /// <summary>average ← keep · average + (1 − keep) · x, element by element.</summary>
    void Average(Tensor x, double keep, Tensor average);
}

/// <summary>One resolution of a short-time Fourier transform: frames centred, reflected ends, periodic Hann window.</summary>
/// <param name="TransformLength">Samples of a transform: a power of two.</param>
/// <param name="HopLength">Samples from frame to frame.</param>
/// <param name="WindowLength">Samples of the window, centred in the transform.</param>
public readonly record struct SpectralResolution(int TransformLength, int HopLength, int WindowLength)
{
    /// <summary>The three of the multispectral loss, by which reconstructions are measured too.</summary>
    public static IReadOnlyList<SpectralResolution> Multispectral { get; } = [new(2048, 240, 1200), new(1024, 120, 600), new(512, 50, 240)];

    /// <summary>Frames of a signal.</summary>
    public int FrameCount(int lengthSamples) => 1 + (lengthSamples / HopLength);
}

/// <summary>Factors of the gradients of <see cref="ITrainingBackend.SampleDistance"/>.</summary>
public readonly record struct SampleDistanceScales(float Absolute, float Square, float Largest);

/// <summary>Constants of a step of <see cref="ITrainingBackend.AdamStep"/>.</summary>
/// <param name="FirstDecay">β₁: in double precision, so that 1 − β₁ is rounded once.</param>
/// <param name="SecondDecay">β₂, likewise.</param>
/// <param name="Epsilon">ε, added to the root of the uncorrected second moment.</param>
/// <param name="StepSize">η: the learning rate with both bias corrections in it.</param>
/// <param name="WeightDecay">Decoupled; multiplied by the step size.</param>
/// <param name="Divisor">What gradients are divided by first: scale and clipping.</param>
public readonly record struct AdamRule(double FirstDecay, double SecondDecay, float Epsilon, float StepSize, float WeightDecay, float Divisor);
