using Jukebox.Audio.Spectra;
using Jukebox.Core.Contract;

namespace Jukebox.Recordings.Evaluation;

/// <summary>How close a reconstruction is.</summary>
/// <param name="SignalToNoiseDecibels">10 · log₁₀(Σ x² / Σ (x̂ − x)²); none of silence, of which nothing can be kept.</param>
/// <param name="SpectralConvergence">
/// ‖ |X| − |X̂| ‖ / ‖ |X| ‖, Frobenius norms of magnitudes over all frames: the mean over the three resolutions of the multispectral
/// loss. 0 is perfect; that of silence is 1.
/// </param>
internal sealed record ReconstructionQuality(double? SignalToNoiseDecibels, double? SpectralConvergence);

/// <summary>
/// Compares reconstructions with their audio. Sums run over everything that was added, so loud passages count for more than quiet
/// ones, as in the losses. One thread at a time; sums do not depend on anything but the audio.
/// </summary>
internal sealed class ReconstructionMeter
{
    private static IReadOnlyList<SpectralResolution> Resolutions => SpectralResolution.Multispectral;

    /// <summary>Stands for zero where a logarithm is taken: silence and perfection have finite figures.</summary>
    private const double Nothing = 1e-20;

    // Enough work for a turn, and what the frames after it still look at.
    private const int BlockSamples = 1 << 16;
    private static readonly int HeldSamples = 2 * Resolutions.Max(resolution => resolution.TransformLength);

    private readonly double[] _distances = new double[Resolutions.Count]; // Σ (|X| − |X̂|)²
    private readonly double[] _energies = new double[Resolutions.Count]; // Σ |X|²
    private readonly ShortTimeSpectrum?[] _spectra = new ShortTimeSpectrum?[Resolutions.Count];
    private readonly long[] _nextFrames = new long[Resolutions.Count];
    private HeldSignal _audio = new(), _reconstruction = new();
    private long _length; // of what is being added
    private long _added;
    private double _signal; // Σ x²
    private double _noise; // Σ (x̂ − x)²

    /// <summary>Fewest samples that can be compared: what the longest transform mirrors.</summary>
    public static int ShortestSignal => (Resolutions[0].TransformLength / 2) + 1;

    /// <summary>The quality of everything that was added.</summary>
    public ReconstructionQuality Quality => new(
        _signal > 0 ? 10 * Math.Log10(_signal / Math.Max(_noise, Nothing)) : null,
        _energies.All(energy => energy > 0) ? Enumerable.Range(0, Resolutions.Count).Average(r => Math.Sqrt(_distances[r] / _energies[r])) : null);

    /// <summary>Adds audio and its reconstruction, of one length.</summary>
    public void Add(float[] audio, float[] reconstruction)
    {
        if (audio.Length != reconstruction.Length || audio.Length < ShortestSignal)
        {
            throw new ArgumentException(
                $"{audio.Length} samples were compared with {reconstruction.Length}; both must be as many, at least {ShortestSignal}", nameof(reconstruction));
        }

        Begin(audio.Length);
        AddNext(audio, reconstruction);
    }

    /// <summary>Prepares to add audio of any length and its reconstruction block by block.</summary>
    /// <param name="lengthSamples">Samples of the whole, at least <see cref="ShortestSignal"/>.</param>
    public void Begin(long lengthSamples)
    {
        _length = lengthSamples;
        _added = 0;
        _audio = new HeldSignal();
        _reconstruction = new HeldSignal();
        Array.Clear(_nextFrames);
    }

    /// <summary>Adds the next block of both.</summary>
    public void AddNext(ReadOnlySpan<float> audio, ReadOnlySpan<float> reconstruction)
    {
        for (int i = 0; i < audio.Length; i++)
        {
            double error = (double)reconstruction[i] - audio[i];
            _signal += (double)audio[i] * audio[i];
            _noise += error * error;
        }

        _audio.Append(audio);
        _reconstruction.Append(reconstruction);
        _added += audio.Length;
        if (_added == _length || _audio.Count >= BlockSamples)
        {
            Parallel.For(0, Resolutions.Count, AddSpectra);
            long needed = Math.Max(0, _added - HeldSamples);
            _audio.DropBefore(needed);
            _reconstruction.DropBefore(needed);
        }
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

    /// <summary>Adds the frames that have become whole, in their order.</summary>
    private void AddSpectra(int resolution)
    {
        SpectralResolution shape = Resolutions[resolution];
        var spectrum = _spectra[resolution] ??= new ShortTimeSpectrum(shape);
        double[] expected = new double[spectrum.BinCount], actual = new double[spectrum.BinCount];
        long frames = 1 + (_length / shape.HopLength);
        for (long frame = _nextFrames[resolution]; frame < frames && (_added == _length || (frame * shape.HopLength) + (shape.TransformLength / 2) < _added); frame++)
        {
            spectrum.Magnitudes(_audio.Samples, _audio.Start, _length, frame, expected);
            spectrum.Magnitudes(_reconstruction.Samples, _reconstruction.Start, _length, frame, actual);
            for (int k = 0; k < expected.Length; k++)
            {
                _distances[resolution] += (expected[k] - actual[k]) * (expected[k] - actual[k]);
                _energies[resolution] += expected[k] * expected[k];
            }

            _nextFrames[resolution] = frame + 1;
        }
    }

    /// <summary>The last samples of a signal.</summary>
    private sealed class HeldSignal
    {
        private float[] _samples = [];

        public long Start { get; private set; }

        public int Count { get; private set; }

        public ReadOnlySpan<float> Samples => _samples.AsSpan(0, Count);

        public void Append(ReadOnlySpan<float> block)
        {
            if (Count + block.Length > _samples.Length)
            {
                Array.Resize(ref _samples, Math.Max(Count + block.Length, 2 * _samples.Length));
            }

            block.CopyTo(_samples.AsSpan(Count));
            Count += block.Length;
        }

        public void DropBefore(long position)
        {
            int dropped = (int)(position - Start);
            Samples[dropped..].CopyTo(_samples);
            Count -= dropped;
            Start = position;
        }
    }
}
