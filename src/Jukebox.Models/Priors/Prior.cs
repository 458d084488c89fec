using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Models.Priors;

/// <summary>
/// The prior of one level: embeddings, conditioning, transformer, logits. Holds weights only; windows are carried out
/// by a <see cref="PriorRun"/>, of which there may be several. Dispose it after its runs and before the model folder.
/// </summary>
public sealed class Prior : IDisposable
{
    private readonly DeviceWeights _weights;

    private Prior(IBackend backend, DeviceWeights weights, WeightFile file, PriorSpec spec, VqVaeSpec vqvae, int sampleRateHz)
    {
        _weights = weights;
        Backend = backend;
        Spec = spec;
        VqVae = vqvae;
        try
        {
            UpperCodes = spec.UpperCodes is null ? null : new UpperCodesConditioner(backend, weights, file, spec, vqvae);
            Embedding = weights["prior.x_emb.weight"];
            Positions = weights["prior.pos_emb.pos_emb"];
            Stack = new Transformer(backend, weights, spec.Transformer, "prior.transformer");
            Output = weights.Logits(TensorTable.LogitsOf(spec));
            Labels = spec.Labels is { } labels ? new LabelConditioner(backend, name => weights[name], labels, sampleRateHz, spec.UpperCodes is null) : null;
            StartToken = spec.Labels is null ? weights["prior.start_token"] : null;
            Lyrics = spec.LyricsEncoder is { } encoder ? new LyricsEncoder(backend, weights, encoder) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Hyperparameters.</summary>
    public PriorSpec Spec { get; }

    /// <summary>Most positions that a run primes at once, unless told otherwise.</summary>
    public const int DefaultChunkLength = 256;

    /// <summary>How the device stores its matrices.</summary>
    public ElementType MatrixType => Stack.MatrixType;

    internal IBackend Backend { get; }

    internal VqVaeSpec VqVae { get; }

    /// <summary>(K, C): one row per token.</summary>
    internal Tensor Embedding { get; }

    /// <summary>(P, C).</summary>
    internal Tensor Positions { get; }

    internal Transformer Stack { get; }

    /// <summary>(K, C), no bias.</summary>
    internal PackedMatrix Output { get; }

    /// <summary>None for unlabelled models.</summary>
    internal LabelConditioner? Labels { get; }

    /// <summary>(1, C): what stands before the first token of an unlabelled model.</summary>
    internal Tensor? StartToken { get; }

    /// <summary>The separate lyrics encoder, or none.</summary>
    internal LyricsEncoder? Lyrics { get; }

    /// <summary>None on the top level.</summary>
    internal UpperCodesConditioner? UpperCodes { get; }

    /// <summary>Makes the weights of a level's prior usable on a device; mapped files are read in place where possible.</summary>
    /// <exception cref="ArgumentException">The model has no prior for that level.</exception>
    /// <exception cref="DamagedFileException">The weight file is missing, damaged, or lacks a tensor.</exception>
    public static Prior Load(IBackend backend, ModelFolder model, int level)
    {
        PriorSpec spec = model.PriorOf(level);
        WeightFile file = model.OpenPrior(level);
        var weights = new DeviceWeights(backend, file);
        return new Prior(backend, weights, file, spec, model.Description.VqVae, model.Description.SampleRateHz);
    }

    /// <summary>
    /// Allocates everything that windows of at most <paramref name="batchSize"/> items need; nothing is allocated later.
    /// </summary>
    /// <param name="batchSize">Most items side by side.</param>
    /// <param name="primeChunkLength">Most positions primed at once; results do not depend on it.</param>
    public PriorRun CreateRun(int batchSize, int primeChunkLength = DefaultChunkLength) => new(this, batchSize, primeChunkLength);

    /// <inheritdoc/>
    public void Dispose()
    {
        UpperCodes?.Dispose();
        _weights.Dispose();
    }
}
