using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.VqVaes;

/// <summary>
/// One level of a VQ-VAE in training: encoder, codebook, decoder. Levels share nothing, so each does its forward and its
/// backward pass before the next begins.
/// </summary>
internal sealed class VqVaeLevel : IDisposable
{
    private readonly ITrainingBackend _backend;
    private readonly TrainableConvStack _encoder;
    private readonly TrainableConvStack _decoder;
    private readonly Workspace _scratch;
    private readonly Tensor _codes; // (R) I32
    private readonly Tensor _quantised; // (N, T / hop, E)
    private readonly Tensor _error; // (N, T / hop, E): encoder output less its code
    private readonly Tensor _gradient; // (N, T / hop, E)
    private readonly float[] _rows; // (R, E) on the host

    /// <summary>Allocates everything for batches of one shape.</summary>
    public VqVaeLevel(ITrainingBackend backend, ParameterSet parameters, VqVaeSpec spec, VqVaeTrainingSpec training, int level)
    {
        int count = training.BatchSize, tokens = training.WindowLength / spec.SamplesPerToken(level);
        _backend = backend;
        Level = level;
        _encoder = new TrainableConvStack(backend, parameters, ConvLayout.Encoder(spec, level));
        _decoder = new TrainableConvStack(backend, parameters, ConvLayout.Decoder(spec, level));
        _scratch = new Workspace(backend);
        try
        {
            _encoder.Reserve(count, training.WindowLength);
            _decoder.Reserve(count, tokens);
            Codebook = new Codebook(backend, spec.CodebookSize, spec.EmbeddingWidth, training.CodebookKeep, training.RevivalThresholds[level]);
            _codes = _scratch.Allocate("codes", ElementType.I32, count * tokens);
            _quantised = _scratch.Allocate("quantised", ElementType.F32, count, tokens, spec.EmbeddingWidth);
            _error = _scratch.Allocate("error", ElementType.F32, count, tokens, spec.EmbeddingWidth);
            _gradient = _scratch.Allocate("gradient", ElementType.F32, count, tokens, spec.EmbeddingWidth);
        }
        catch
        {
            Dispose();
            throw;
        }
        _rows = new float[_quantised.LengthElements];
    }

    /// <summary>Which one.</summary>
    public int Level { get; }

    /// <summary>Its codes.</summary>
    public Codebook Codebook { get; }

    /// <summary>Bytes of its signals and its codebook.</summary>
    public long LengthBytes => _encoder.LengthBytes + _decoder.LengthBytes + _scratch.LengthBytes + Codebook.LengthBytes;

    /// <summary>Multiplications and additions of a forward and backward pass over one window, the search for codes included.</summary>
    public long Operations(int windowLength)
    {
        int tokens = _encoder.OutputLength(windowLength);
        return _encoder.Operations(windowLength, withInput: false) + _decoder.Operations(tokens, withInput: true)
            + (2L * tokens * Codebook.Values.LengthElements);
    }

    /// <summary>What the last forward pass's quantiser lost: mean square of the error, over every element.</summary>
    public double CommitLoss { get; private set; }

    /// <summary>Mean square distance of a row from its code, summed over channels (<c>fit</c>).</summary>
    public double Fit => CommitLoss * _quantised.Shape[2];

    /// <summary>Root mean square of the encoder's output about its mean (<c>pn</c>).</summary>
    public double Spread { get; private set; }

    /// <summary>
    /// Audio to its reconstruction (N, T, 1), with the codebook as it is. In training the codebook is moved afterwards, and
    /// given rows first where it has none.
    /// </summary>
    /// <param name="x">(N, T, 1).</param>
    /// <param name="draws">Randomness of the step, or none where nothing is to be changed.</param>
    /// <param name="use">How the batch used the codebook; none without <paramref name="draws"/>.</param>
    public Tensor Forward(Tensor x, RowDraws? draws, out CodebookUse? use)
    {
        Tensor encoded = _encoder.Forward(x); // (N, T / hop, E)
        int count = encoded.Shape[0], tokens = encoded.Shape[1], width = encoded.Shape[2];
        Tensor rows = encoded.Reshape(count * tokens, width), codes = _codes.Prefix(count * tokens);
        Tensor quantised = _quantised.Prefix(count, tokens, width), error = _error.Prefix(count, tokens, width);
        Span<float> host = _rows.AsSpan(0, (int)rows.LengthElements);
        if (draws is not null)
        {
            rows.Download(host);
            Spread = StandardDeviation(host);
            if (!Codebook.IsInitialised)
            {
                Codebook.Initialise(host, draws);
            }
        }

        _backend.NearestCode(rows, Codebook.Values, codes);
        _backend.Gather(codes, Codebook.Values, quantised.Reshape(count * tokens, width));
        _backend.ScaledAdd(encoded, quantised, -1, error);
        CommitLoss = _backend.SumOfSquares(error) / error.LengthElements;
        use = draws is null ? null : Codebook.Update(codes, rows, host, draws);
        return _decoder.Forward(quantised);
    }

    /// <summary>
    /// Gradients of the last forward pass: of the reconstruction, straight through the quantiser, and of the commit loss.
    /// </summary>
    /// <param name="dy">(N, T, 1).</param>
    /// <param name="commitWeight">Factor of the commit loss.</param>
    public void Backward(Tensor dy, double commitWeight)
    {
        int count = dy.Shape[0], tokens = _quantised.Shape[1];
        Tensor gradient = _gradient.Prefix(count, tokens, _gradient.Shape[2]), error = _error.Prefix(count, tokens, _gradient.Shape[2]);
        _decoder.Backward(dy, gradient);
        _backend.ScaledAdd(gradient, error, (float)(2 * commitWeight / error.LengthElements), gradient);
        _encoder.Backward(gradient, null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _decoder.Dispose();
        Codebook?.Dispose();
        _scratch.Dispose();
    }

    private static double StandardDeviation(ReadOnlySpan<float> values)
    {
        double sum = 0, squares = 0;
        foreach (float value in values)
        {
            sum += value;
            squares += (double)value * value;
        }

        double mean = sum / values.Length;
        return Math.Sqrt(Math.Max(0, (squares / values.Length) - (mean * mean)));
    }
}
