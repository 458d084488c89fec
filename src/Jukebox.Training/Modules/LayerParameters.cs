using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Modules;

/// <summary>Parameters of a layer, and their gradients in the same shapes.</summary>
internal readonly record struct Trained<TParameters>(TParameters Value, TParameters Gradient);

/// <summary>The parameters of a layer and their gradients, found by the names of the published checkpoints.</summary>
internal static class LayerParameters
{
    /// <summary>A convolution: <c>prefix.weight</c> (taps, Cin, Cout) and <c>prefix.bias</c> (Cout).</summary>
    public static Trained<ConvWeights> Conv(this ParameterSet parameters, string prefix)
    {
        (Trained<Tensor> weight, Trained<Tensor> bias) = (parameters.Tensor($"{prefix}.weight"), parameters.Tensor($"{prefix}.bias"));
        return new(new ConvWeights(weight.Value, bias.Value), new ConvWeights(weight.Gradient, bias.Gradient));
    }

    /// <summary>A linear layer of a transformer: <c>prefix.w</c> (Cin, Cout) and <c>prefix.b</c> (Cout).</summary>
    public static Trained<LinearWeights> Linear(this ParameterSet parameters, string prefix)
    {
        (Trained<Tensor> weight, Trained<Tensor> bias) = (parameters.Tensor($"{prefix}.w"), parameters.Tensor($"{prefix}.b"));
        return new(new LinearWeights(weight.Value, bias.Value), new LinearWeights(weight.Gradient, bias.Gradient));
    }

    /// <summary>A table (K, C) that makes logits; no bias.</summary>
    public static Trained<LinearWeights> Logits(this ParameterSet parameters, string name)
    {
        Trained<Tensor> table = parameters.Tensor(name);
        return new(new LinearWeights(table.Value, null, OutputMajor: true), new LinearWeights(table.Gradient, null, OutputMajor: true));
    }

    /// <summary>A layer norm: <c>prefix.weight</c> and <c>prefix.bias</c> (C).</summary>
    public static Trained<LayerNormWeights> LayerNorm(this ParameterSet parameters, string prefix)
    {
        (Trained<Tensor> gain, Trained<Tensor> bias) = (parameters.Tensor($"{prefix}.weight"), parameters.Tensor($"{prefix}.bias"));
        return new(new LayerNormWeights(gain.Value, bias.Value), new LayerNormWeights(gain.Gradient, bias.Gradient));
    }

    /// <summary>The tensor of that name.</summary>
    public static Trained<Tensor> Tensor(this ParameterSet parameters, string name) => new(parameters.Value(name), parameters.Gradient(name));
}
