using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Models.Priors;

/// <summary>
/// The condition that an upsampler takes from the codes of the level above: embedding, dilated convolutions that stretch
/// them to this level's rate, layer norm. A window is conditioned on its own slice only, with zeros beyond its ends, so
/// the condition of a token depends on the window.
/// </summary>
internal sealed class UpperCodesConditioner : IDisposable
{
    private readonly IBackend _backend;
    private readonly Tensor _embedding; // (bins, C)
    private readonly ConvStack _stack;
    private readonly LayerNormWeights _norm; // (C)
    private readonly Workspace _scratch;
    private readonly Tensor _codes; // (1, n_upper) I32
    private readonly Tensor _embedded; // (1, n_upper, C)

    /// <summary>Reads the conditioner of a prior and takes its scratch, which the prior's runs share.</summary>
    public UpperCodesConditioner(IBackend backend, DeviceWeights weights, WeightFile file, PriorSpec prior, VqVaeSpec vqvae)
    {
        int length = prior.ContextLength / vqvae.TokensPerUpperToken(prior.Level + 1);
        _backend = backend;
        _embedding = weights["conditioner_blocks.0.x_emb.weight"];
        _norm = weights.LayerNorm("conditioner_blocks.0.ln");
        _scratch = new Workspace(backend);
        _stack = ConvStack.LoadConditioner(backend, file, prior, vqvae);
        try
        {
            _codes = _scratch.Allocate("codes", ElementType.I32, 1, length);
            _embedded = _scratch.Allocate("embedded", ElementType.F32, 1, length, prior.Transformer.Width);
            _stack.Reserve(_scratch, "stack", length);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Bytes of scratch.</summary>
    public long ScratchBytes => _scratch.LengthBytes;

    /// <summary>The condition of one item's window.</summary>
    /// <param name="codes">Exactly the window's codes of the level above; negative ones count as 0.</param>
    /// <param name="y">(1, n_ctx, C).</param>
    public void Condition(ReadOnlySpan<int> codes, Tensor y)
    {
        var music = new int[codes.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            music[i] = Math.Max(codes[i], 0);
        }

        _codes.Upload<int>(music);
        _backend.Gather(_codes, _embedding, _embedded);
        _stack.Run(_embedded, y);
        _backend.LayerNorm(y, _norm.Gain, _norm.Bias, y);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scratch.Dispose();
        _stack.Dispose();
    }
}
