using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Training.VqVaes;

/// <summary>Weights of the terms that compare a reconstruction with its audio.</summary>
public sealed record ReconstructionWeights
{
    /// <summary>Of the mean absolute error (<c>lmix_l1</c>, or 1 where <c>loss_fn</c> is l1).</summary>
    public double Absolute { get; init; }

    /// <summary>Of the mean square error (<c>lmix_l2</c>, or 1 for l2).</summary>
    public double Square { get; init; } = 1;

    /// <summary>Of the mean of the largest square errors (<c>lmix_linf</c>, or 1 for linf).</summary>
    public double Largest { get; init; } = 0.02;

    /// <summary>How many the largest are, of each window (<c>linf_k</c>).</summary>
    public int LargestCount { get; init; } = 2048;

    /// <summary>Of the distance of the default spectra (<c>spectral</c>).</summary>
    public double Spectral { get; init; }

    /// <summary>Of the mean distance of spectra at three resolutions (<c>multispectral</c>).</summary>
    public double Multispectral { get; init; } = 1;

    /// <summary>Of the distance between encoder outputs and their codes (<c>commit</c>).</summary>
    public double Commit { get; init; } = 0.02;
}

/// <summary>What one level's reconstruction lost, each term divided by its bandwidth.</summary>
/// <param name="Samples">The weighted sum of the three sample terms.</param>
/// <param name="Absolute">Mean absolute error.</param>
/// <param name="Square">Mean square error.</param>
/// <param name="Largest">Mean of the largest square errors.</param>
/// <param name="Spectral">Distance of the default spectra; NaN where nothing asked for it.</param>
/// <param name="Convergence">That distance over the audio's own norm, by window; NaN likewise.</param>
/// <param name="Multispectral">Mean distance at three resolutions.</param>
internal sealed record ReconstructionTerms(
    double Samples, double Absolute, double Square, double Largest, double Spectral, double Convergence, double Multispectral);

/// <summary>The loss of a reconstruction and its gradient, for windows of one shape.</summary>
internal sealed class ReconstructionLoss : IDisposable
{
    /// <summary>What the bandwidth, the single-resolution loss and spectral convergence use.</summary>
    public static readonly SpectralResolution DefaultResolution = new(2048, 256, 1536);

    /// <summary>Windows quieter than this converge by definition, as in the reference.</summary>
    private const double SilentNorm = 2e-3;

    private readonly ITrainingBackend _backend;
    private readonly ReconstructionWeights _weights;
    private readonly Bandwidths _bandwidths;
    private readonly Workspace _scratch;
    private readonly Tensor _losses; // (3)
    private readonly Tensor _norms; // (N, 2)

    /// <summary>Allocates its scratch, for at most <paramref name="batchSize"/> windows.</summary>
    public ReconstructionLoss(ITrainingBackend backend, ReconstructionWeights weights, Bandwidths bandwidths, int batchSize)
    {
        _backend = backend;
        _weights = weights;
        _bandwidths = bandwidths;
        _scratch = new Workspace(backend);
        try
        {
            _losses = _scratch.Allocate("losses", ElementType.F32, 3);
            _norms = _scratch.Allocate("norms", ElementType.F32, batchSize, 2);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Compares, and writes the gradient of the weighted sum of all terms.</summary>
    /// <param name="x">(N, T) audio.</param>
    /// <param name="y">(N, T) its reconstruction.</param>
    /// <param name="withDefaultSpectrum">Whether to measure the default spectra although their weight is zero.</param>
    /// <param name="dy">(N, T), written; or none.</param>
    public ReconstructionTerms Compute(Tensor x, Tensor y, bool withDefaultSpectrum, Tensor? dy)
    {
        int largest = Math.Min(_weights.LargestCount, x.Shape[1]);
        double absoluteScale = _weights.Absolute / _bandwidths.Absolute, squareScale = _weights.Square / _bandwidths.Square;
        double largestScale = _weights.Largest / _bandwidths.Square;
        _backend.SampleDistance(
            x, y, largest, new SampleDistanceScales((float)absoluteScale, (float)squareScale, (float)largestScale), _losses, dy);
        float[] losses = _losses.ToArray<float>();

        double spectral = double.NaN, convergence = double.NaN;
        if (withDefaultSpectrum || _weights.Spectral != 0)
        {
            (spectral, convergence) = Spectrum(x, y, DefaultResolution, _weights.Spectral, dy);
        }

        double multispectral = 0;
        foreach (SpectralResolution resolution in SpectralResolution.Multispectral)
        {
            multispectral += Spectrum(x, y, resolution, _weights.Multispectral / SpectralResolution.Multispectral.Count, dy).Distance / SpectralResolution.Multispectral.Count;
        }

        double samples = (absoluteScale * losses[0]) + (squareScale * losses[1]) + (largestScale * losses[2]);
        return new ReconstructionTerms(
            samples,
            losses[0] / _bandwidths.Absolute,
            losses[1] / _bandwidths.Square,
            losses[2] / _bandwidths.Square,
            spectral,
            convergence,
            multispectral);
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    /// <summary>Mean distance over windows by the bandwidth, and mean convergence; adds the gradient of weight · distance.</summary>
    private (double Distance, double Convergence) Spectrum(Tensor x, Tensor y, in SpectralResolution resolution, double weight, Tensor? dy)
    {
        int count = x.Shape[0];
        Tensor norms = _norms.Slice(0, count);
        double scale = weight / (count * _bandwidths.Spectral);
        _backend.SpectralDistance(x, y, resolution, norms, (float)scale, scale == 0 ? null : dy);
        float[] values = norms.ToArray<float>();
        double distance = 0, convergence = 0;
        for (int i = 0; i < count; i++)
        {
            distance += values[2 * i] / (count * _bandwidths.Spectral);
            convergence += values[(2 * i) + 1] > SilentNorm ? values[2 * i] / (values[(2 * i) + 1] * (double)count) : 0;
        }

        return (distance, convergence);
    }
}
