using Jukebox.Audio.Spectra;
using Jukebox.Core.Contract;

namespace Jukebox.Recordings.Evaluation;

/// <summary>How close a reconstruction is.</summary>
/// <param name="SignalToNoiseDecibels">10 · log₁₀(Σ x² / Σ (x̂ − x)²).</param>
/// <param name="SpectralConvergence">
/// ‖ |X| − |X̂| ‖ / ‖ |X| ‖, Frobenius norms of magnitudes over all frames: the mean over the three resolutions of the multispectral
/// loss. 0 is perfect; that of silence is 1.
/// </param>
internal sealed record ReconstructionQuality(double SignalToNoiseDecibels, double SpectralConvergence);

/// <summary>
/// Compares reconstructions with their audio. Sums run over everything that was added, so loud passages count for more than quiet
/// ones, as in the losses. One thread at a time; sums do not depend on anything but the audio.
/// </summary>
internal sealed class ReconstructionMeter
{
    private static IReadOnlyList<SpectralResolution> Resolutions => SpectralResolution.Multispectral;

    /// <summary>Stands for zero where a logarithm is taken: silence and perfection have finite figures.</summary>
    private const double Nothing = 1e-20;

    private readonly double[] _distances = new double[Resolutions.Count]; // Σ (|X| − |X̂|)²
    private readonly double[] _energies = new double[Resolutions.Count]; // Σ |X|²
    private double _signal; // Σ x²
    private double _noise; // Σ (x̂ − x)²

    /// <summary>Fewest samples that can be compared: what the longest transform mirrors.</summary>
    public static int ShortestSignal => (Resolutions[0].TransformLength / 2) + 1;

    /// <summary>The quality of everything that was added.</summary>
    public ReconstructionQuality Quality => new(
        10 * Math.Log10(Math.Max(_signal, Nothing) / Math.Max(_noise, Nothing)),
        Enumerable.Range(0, Resolutions.Count).Average(r => Math.Sqrt(_distances[r] / Math.Max(_energies[r], Nothing))));

    /// <summary>Adds audio and its reconstruction, of one length.</summary>
    public void Add(float[] audio, float[] reconstruction)
    {
        if (audio.Length != reconstruction.Length || audio.Length < ShortestSignal)
        {
            throw new ArgumentException($"{audio.Length} samples were compared with {reconstruction.Length}; both must be as many, at least {ShortestSignal}");
        }

        for (int i = 0; i < audio.Length; i++)
        {
            double error = (double)reconstruction[i] - audio[i];
            _signal += (double)audio[i] * audio[i];
            _noise += error * error;
        }

        Parallel.For(0, Resolutions.Count, r => AddSpectra(r, audio, reconstruction));
    }

    /// <summary>Adds what another meter has measured.</summary>
    public void Add(ReconstructionMeter other)
    {
        _signal += other._signal;
        _noise += other._noise;
        for (int r = 0; r < Resolutions.Count; r++)
        {
            _distances[r] += other._distances[r];
            _energies[r] += other._energies[r];
        }
    }

    private void AddSpectra(int resolution, float[] audio, float[] reconstruction)
    {
        var spectrum = new ShortTimeSpectrum(Resolutions[resolution]);
        double[] expected = new double[spectrum.BinCount], actual = new double[spectrum.BinCount];
        for (int frame = 0; frame < Resolutions[resolution].FrameCount(audio.Length); frame++)
        {
            spectrum.Magnitudes(audio, frame, expected);
            spectrum.Magnitudes(reconstruction, frame, actual);
            for (int k = 0; k < expected.Length; k++)
            {
                _distances[resolution] += (expected[k] - actual[k]) * (expected[k] - actual[k]);
                _energies[resolution] += expected[k] * expected[k];
            }
        }
    }
}
