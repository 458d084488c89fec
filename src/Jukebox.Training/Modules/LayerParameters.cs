using Jukebox.Core;

namespace Jukebox.Training.Modules;

/// <summary>The parameters of a layer and their gradients, found by the names of the published checkpoints.</summary>
internal static class LayerParameters
{
    /// <summary>A convolution: <c>prefix.weight</c> (taps, Cin, Cout) and <c>prefix.bias</c> (Cout).</summary>
    public static (ConvWeights Weights, ConvWeights Gradient) Conv(this ParameterSet parameters, string prefix) => (
        new ConvWeights(parameters.Value($"{prefix}.weight"), parameters.Value($"{prefix}.bias")),
        new ConvWeights(parameters.Gradient($"{prefix}.weight"), parameters.Gradient($"{prefix}.bias")));

    /// <summary>A linear layer of a transformer: <c>prefix.w</c> (Cin, Cout) and <c>prefix.b</c> (Cout).</summary>
    public static (LinearWeights Weights, LinearWeights Gradient) Linear(this ParameterSet parameters, string prefix) => (
        new LinearWeights(parameters.Value($"{prefix}.w"), parameters.Value($"{prefix}.b")),
        new LinearWeights(parameters.Gradient($"{prefix}.w"), parameters.Gradient($"{prefix}.b")));

    /// <summary>A table (K, C) that makes logits; no bias.</summary>
    public static (LinearWeights Weights, LinearWeights Gradient) Logits(this ParameterSet parameters, string name) => (
        new LinearWeights(parameters.Value(name), null, OutputMajor: true),
        new LinearWeights(parameters.Gradient(name), null, OutputMajor: true));

    /// <summary>A layer norm: <c>prefix.weight</c> and <c>prefix.bias</c> (C).</summary>
    public static (LayerNormWeights Weights, LayerNormWeights Gradient) LayerNorm(this ParameterSet parameters, string prefix) => (
        new LayerNormWeights(parameters.Value($"{prefix}.weight"), parameters.Value($"{prefix}.bias")),
        new LayerNormWeights(parameters.Gradient($"{prefix}.weight"), parameters.Gradient($"{prefix}.bias")));
}
