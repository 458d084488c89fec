using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>The condition that an upsampler takes from the codes of the level above: embedding, convolutions, layer norm.</summary>
internal sealed class TrainableUpperCodes : IDisposable
{
    private readonly ITrainingBackend _backend;
    private readonly Trained<Tensor> _table; // (bins, C)
    private readonly Trained<LayerNormWeights> _norm; // (C)
    private readonly TrainableConvStack _stack;
    private readonly Tensor _codes; // (N, U) I32
    private readonly Tensor _embedded, _dembedded; // (N, U, C)
    private readonly Tensor _dstack; // (N, n_ctx, C)
    private Tensor _stretched; // (N, n_ctx, C): the stack's output in the last forward pass

    /// <summary>Finds the parameters and takes all memory.</summary>
    public TrainableUpperCodes(
        ITrainingBackend backend, ParameterSet parameters, PriorSpec prior, VqVaeSpec vqvae, int batchSize, bool recompute, Workspace memory)
    {
        int length = prior.ContextLength / vqvae.TokensPerUpperToken(prior.Level + 1), width = prior.Transformer.Width;
        _backend = backend;
        _table = parameters.Tensor("conditioner_blocks.0.x_emb.weight");
        _norm = parameters.LayerNorm("conditioner_blocks.0.ln");
        _stack = new TrainableConvStack(backend, parameters, ConvLayout.Conditioner(prior, vqvae), recompute);
        try
        {
            _stack.Reserve(batchSize, length);
            _codes = memory.Allocate("upper.codes", ElementType.I32, batchSize, length);
            _embedded = memory.Allocate("upper.embedded", ElementType.F32, batchSize, length, width);
            _dembedded = memory.Allocate("upper.dembedded", ElementType.F32, batchSize, length, width);
            _dstack = memory.Allocate("upper.dstack", ElementType.F32, batchSize, prior.ContextLength, width);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Multiplications and additions of a forward and backward pass over one window.</summary>
    public long Operations => _stack.Operations(_codes.Shape[1], withInput: true);

    /// <summary>Bytes of the stack's activations.</summary>
    public long LengthBytes => _stack.LengthBytes;

    /// <summary>The condition of whole windows.</summary>
    /// <param name="codes">Exactly the codes of the level above of each item's window; negative ones count as 0.</param>
    /// <param name="y">(N, n_ctx, C).</param>
    public void Forward(int[][] codes, Tensor y)
    {
        int items = codes.Length;
        for (int item = 0; item < items; item++)
        {
            _codes.Slice(item, 1).Upload<int>(Array.ConvertAll(codes[item], code => Math.Max(code, 0)));
        }

        _backend.Gather(_codes.Slice(0, items), _table.Value, _embedded.Slice(0, items));
        _stretched = _stack.Forward(_embedded.Slice(0, items));
        _backend.LayerNorm(_stretched, _norm.Value.Gain, _norm.Value.Bias, y);
    }

    /// <summary>Adds the parameters' gradients.</summary>
    /// <param name="dy">(N, n_ctx, C).</param>
    public void Backward(Tensor dy)
    {
        int items = dy.Shape[0];
        Tensor dstack = _dstack.Slice(0, items), dembedded = _dembedded.Slice(0, items);
        _backend.LayerNormGradient(_stretched, _norm.Value.Gain, dy, null, dstack, _norm.Gradient);
        _stack.Backward(dstack, dembedded);
        _backend.GatherGradient(_codes.Slice(0, items), dembedded, _table.Gradient);
    }

    /// <inheritdoc/>
    public void Dispose() => _stack.Dispose();
}
