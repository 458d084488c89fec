using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>
/// From the signal of every position to the bits of its token: the output matrix and the cross-entropy, forward and backward
/// in one go, so that only one item's logits exist at a time.
/// </summary>
internal sealed class TokenLoss
{
    private readonly ITrainingBackend _backend;
    private readonly Trained<LinearWeights> _output; // (K, C), no bias
    private readonly Tensor _logits; // (T, K)
    private readonly Tensor _scales; // (T)
    private readonly Tensor _bits; // (N, T)

    /// <summary>Finds the output matrix and takes all memory.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="parameters">Where the matrix is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="batchSize">N: most items.</param>
    /// <param name="length">T: positions of an item.</param>
    /// <param name="memory">Where logits and losses go, under names that begin with the matrix's.</param>
    public TokenLoss(ITrainingBackend backend, ParameterSet parameters, string name, int batchSize, int length, Workspace memory)
    {
        _backend = backend;
        _output = parameters.Logits(name);
        _logits = memory.Allocate($"{name}.logits", ElementType.F32, length, _output.Value.OutputWidth);
        _scales = memory.Allocate($"{name}.scales", ElementType.F32, length);
        _bits = memory.Allocate($"{name}.bits", ElementType.F32, batchSize, length);
    }

    /// <summary>Bits of every token; with a destination also the gradients.</summary>
    /// <param name="x">(N, T, C).</param>
    /// <param name="tokens">(N, T) I32.</param>
    /// <param name="scales">Factor in the loss of each position's bits, (T).</param>
    /// <param name="dx">(N, T, C), written; or none, and then no gradient is computed.</param>
    public void Run(Tensor x, Tensor tokens, ReadOnlySpan<float> scales, Tensor? dx)
    {
        int length = x.Shape[1], width = x.Shape[2];
        _scales.Upload(scales);
        for (int item = 0; item < x.Shape[0]; item++)
        {
            Tensor rows = x.Slice(item, 1).Reshape(length, width); // (T, C)
            Tensor targets = tokens.Slice(item, 1).Reshape(length);
            Tensor bits = _bits.Slice(item, 1).Reshape(length);
            _backend.LinearForward(rows, _output.Value, null, _logits);
            _backend.CrossEntropy(_logits, targets, _scales, bits, dx is null ? null : _logits);
            if (dx is { } gradient)
            {
                _backend.LinearWeightGradient(rows, _logits, _output.Gradient);
                _backend.LinearInputGradient(_logits, _output.Value, null, gradient.Slice(item, 1).Reshape(length, width));
            }
        }
    }

    /// <summary>The last run's bits of each position of so many items, item by item; waits for them.</summary>
    public float[] ReadBits(int items) => _bits.Slice(0, items).ToArray<float>();
}
