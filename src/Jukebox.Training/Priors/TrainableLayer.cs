using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>
/// One block of a transformer, a = attention(norm(x)), m = MLP(norm(x + a)), y = x + a + m, or y = x + (a + m) / depth where
/// residual branches are scaled. C is the model width, S the attention width, H the hidden width of the MLP.
/// </summary>
internal sealed class TrainableLayer
{
    private readonly ITrainingBackend _backend;
    private readonly TransformerSpec _spec;
    private readonly AttentionPattern _pattern;
    private readonly Trained<LayerNormWeights> _attentionNorm, _mlpNorm; // (C)
    private readonly Trained<LinearWeights> _projection; // (C, 3S), or (C, S) of a cross layer
    private readonly Trained<LinearWeights> _stateProjection; // (C, 2S), cross layers only
    private readonly Trained<LinearWeights> _attentionOutput; // (S, C)
    private readonly Trained<LinearWeights> _mlpInput, _mlpOutput; // (C, H), (H, C)

    /// <summary>Finds the parameters of the block at <paramref name="prefix"/>.</summary>
    public TrainableLayer(ITrainingBackend backend, ParameterSet parameters, TransformerSpec spec, in AttentionPattern pattern, string prefix)
    {
        _backend = backend;
        _spec = spec;
        _pattern = pattern;
        _attentionNorm = parameters.LayerNorm($"{prefix}.ln_0");
        _projection = parameters.Linear($"{prefix}.attn.c_attn");
        _stateProjection = IsCross ? parameters.Linear($"{prefix}.attn.c_enc_kv") : default;
        _attentionOutput = parameters.Linear($"{prefix}.attn.c_proj");
        _mlpNorm = parameters.LayerNorm($"{prefix}.ln_1");
        _mlpInput = parameters.Linear($"{prefix}.mlp.c_fc");
        _mlpOutput = parameters.Linear($"{prefix}.mlp.c_proj");
    }

    /// <summary>Slots of its keys.</summary>
    public int KeyCount => _pattern.CacheLength;

    /// <summary>Channels of its projection: 3S, or S of a cross layer.</summary>
    public int ProjectedWidth => _projection.Value.OutputWidth;

    private bool IsCross => _pattern.Kind == AttentionKind.LyricsCross;

    /// <summary>The block's output.</summary>
    /// <param name="x">(N, T, C).</param>
    /// <param name="states">(N, E, C): encoder states, where there are any.</param>
    /// <param name="kept">Written.</param>
    /// <param name="scratch">Of the stack.</param>
    /// <param name="y">(N, T, C).</param>
    public void Forward(Tensor x, Tensor? states, in LayerActivations kept, in LayerScratch scratch, Tensor y)
    {
        ComputeActivations(x, states, kept, scratch);
        _backend.QuickGelu(kept.Hidden, scratch.Activated);
        if (_spec.ResidualScale)
        {
            _backend.LinearForward(scratch.Activated, _mlpOutput.Value, scratch.Branch, scratch.Branch);
            _backend.ScaledAdd(x, scratch.Branch, 1f / _spec.Depth, y);
        }
        else
        {
            _backend.LinearForward(scratch.Activated, _mlpOutput.Value, kept.Sum, y);
        }
    }

    /// <summary>Everything that <see cref="Backward"/> needs, as <see cref="Forward"/> leaves it.</summary>
    public void ComputeActivations(Tensor x, Tensor? states, in LayerActivations kept, in LayerScratch scratch)
    {
        _backend.LayerNorm(x, _attentionNorm.Value.Gain, _attentionNorm.Value.Bias, scratch.Normed);
        _backend.LinearForward(scratch.Normed, _projection.Value, null, kept.Projected);
        if (IsCross)
        {
            _backend.LinearForward(states!.Value, _stateProjection.Value, null, kept.StateKeys);
        }

        FillCaches(kept, scratch);
        _backend.Attend(kept.Projected, scratch.Keys, scratch.Values, _pattern, _spec.Heads, scratch.Cursor, kept.Attended);
        if (_spec.ResidualScale)
        {
            _backend.LinearForward(kept.Attended, _attentionOutput.Value, null, scratch.Branch);
            _backend.ScaledAdd(x, scratch.Branch, 1, kept.Sum);
        }
        else
        {
            _backend.LinearForward(kept.Attended, _attentionOutput.Value, x, kept.Sum);
        }

        _backend.LayerNorm(kept.Sum, _mlpNorm.Value.Gain, _mlpNorm.Value.Bias, scratch.Normed);
        _backend.LinearForward(scratch.Normed, _mlpInput.Value, null, kept.Hidden);
    }

    /// <summary>Turns the gradient of the output into that of the input, in place, and adds those of parameters and states.</summary>
    /// <param name="x">(N, T, C), the input of the forward pass.</param>
    /// <param name="states">(N, E, C): encoder states, where there are any.</param>
    /// <param name="kept">As the forward pass left it.</param>
    /// <param name="scratch">Of the stack.</param>
    /// <param name="gradient">(N, T, C): dy, then dx.</param>
    /// <param name="dstates">(N, E, C): grows in cross layers.</param>
    public void Backward(Tensor x, Tensor? states, in LayerActivations kept, in LayerScratch scratch, Tensor gradient, Tensor? dstates)
    {
        if (!_spec.ResidualScale)
        {
            BackwardMlp(kept, scratch, gradient, gradient, gradient);
            BackwardAttention(x, states, kept, scratch, gradient, gradient, dstates);
            return;
        }

        // a and m get dy / depth each. What comes back through the MLP's input x + a belongs to both of its terms.
        scratch.Branch.Buffer.Fill(0);
        _backend.ScaledAdd(scratch.Branch, gradient, 1f / _spec.Depth, scratch.Branch);
        BackwardMlp(kept, scratch, scratch.Branch, null, scratch.DSum);
        _backend.ScaledAdd(gradient, scratch.DSum, 1, gradient);
        _backend.ScaledAdd(scratch.Branch, scratch.DSum, 1, scratch.Branch);
        BackwardAttention(x, states, kept, scratch, scratch.Branch, gradient, dstates);
    }

    /// <summary>Keys and values to their slots, from what was projected.</summary>
    private void FillCaches(in LayerActivations kept, in LayerScratch scratch) =>
        _backend.AppendToCache(IsCross ? kept.StateKeys : kept.Projected, scratch.Keys, scratch.Values, _pattern, scratch.Cursor);

    /// <summary>From dm to the gradient of the MLP's input x + a, plus what is added; all (N, T, C).</summary>
    private void BackwardMlp(in LayerActivations kept, in LayerScratch scratch, Tensor dm, Tensor? added, Tensor dsum)
    {
        _backend.QuickGelu(kept.Hidden, scratch.Activated);
        _backend.LinearWeightGradient(scratch.Activated, dm, _mlpOutput.Gradient);
        _backend.LinearInputGradient(dm, _mlpOutput.Value, null, scratch.Activated);
        _backend.QuickGeluGradient(kept.Hidden, scratch.Activated, scratch.Activated);

        _backend.LayerNorm(kept.Sum, _mlpNorm.Value.Gain, _mlpNorm.Value.Bias, scratch.Normed);
        _backend.LinearWeightGradient(scratch.Normed, scratch.Activated, _mlpInput.Gradient);
        _backend.LinearInputGradient(scratch.Activated, _mlpInput.Value, null, scratch.Normed);
        _backend.LayerNormGradient(kept.Sum, _mlpNorm.Value.Gain, scratch.Normed, added, dsum, _mlpNorm.Gradient);
    }

    /// <summary>From da to the gradient of x through the attention, added to what is in <paramref name="dx"/>; all (N, T, C).</summary>
    private void BackwardAttention(
        Tensor x, Tensor? states, in LayerActivations kept, in LayerScratch scratch, Tensor da, Tensor dx, Tensor? dstates)
    {
        _backend.LinearWeightGradient(kept.Attended, da, _attentionOutput.Gradient);
        _backend.LinearInputGradient(da, _attentionOutput.Value, null, scratch.DAttended);

        FillCaches(kept, scratch);
        _backend.AttendGradient(
            kept.Projected, scratch.Keys, scratch.Values, _pattern, _spec.Heads, scratch.DAttended, scratch.DProjected, scratch.DKeys, scratch.DValues);
        _backend.AppendToCacheGradient(scratch.DKeys, scratch.DValues, _pattern, IsCross ? scratch.DStateKeys : scratch.DProjected);
        if (IsCross)
        {
            _backend.LinearWeightGradient(states!.Value, scratch.DStateKeys, _stateProjection.Gradient);
            _backend.LinearInputGradient(scratch.DStateKeys, _stateProjection.Value, dstates, dstates!.Value);
        }

        _backend.LayerNorm(x, _attentionNorm.Value.Gain, _attentionNorm.Value.Bias, scratch.Normed);
        _backend.LinearWeightGradient(scratch.Normed, scratch.DProjected, _projection.Gradient);
        _backend.LinearInputGradient(scratch.DProjected, _projection.Value, null, scratch.Normed);
        _backend.LayerNormGradient(x, _attentionNorm.Value.Gain, scratch.Normed, dx, dx, _attentionNorm.Gradient);
    }
}
