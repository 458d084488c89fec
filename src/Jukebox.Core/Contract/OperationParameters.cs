using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

/// <summary>What a linear layer does to its sums before storing them.</summary>
public enum Activation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>x · sigmoid(1.702 · x).</summary>
    QuickGelu,
}

/// <summary>Gain and bias of a layer norm, both (C).</summary>
public readonly record struct LayerNormWeights(Tensor Gain, Tensor Bias);

/// <summary>
/// Parameters of a linear layer. <paramref name="Weight"/> is (Cin, Cout), as transformer checkpoints have it, or
/// (Cout, Cin) when <paramref name="OutputMajor"/>, as embedding tables used for logits are. A model computes with what
/// <see cref="IBackend.Pack"/> makes of them; training, which changes them at every step, with these.
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
/// Where a linear layer's output goes besides: its last 2S channels are keys and values of new positions, as for
/// <see cref="IBackend.AppendToCache"/>.
/// </summary>
public readonly record struct CacheAppend(Tensor Keys, Tensor Values, AttentionPattern Pattern, Tensor Cursor);

/// <summary>
/// How a token is drawn: logits ÷ temperature, then at most one of the filters, then a draw from the softmax.
/// </summary>
/// <param name="Temperature">Positive.</param>
/// <param name="TopK">Keep the k largest and their ties; 0 keeps all, 1 draws greedily.</param>
/// <param name="TopP">Keep the most probable entries until their mass passes p; 0 keeps all.</param>
public readonly record struct SamplingRule(float Temperature = 1, int TopK = 0, float TopP = 0);
