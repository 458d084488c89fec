using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Training.VqVaes;

/// <summary>
/// What the losses of a VQ-VAE are divided by, so that each begins near one whatever the music: measured once on the
/// training audio (the reference's <c>calculate_bandwidth</c>).
/// </summary>
/// <param name="Absolute">Mean |x|.</param>
/// <param name="Square">Variance of x.</param>
/// <param name="Spectral">
/// Mean over windows of the Frobenius norm of the default spectrum; it grows with the root of a window's length, so it belongs to one.
/// </param>
public sealed record Bandwidths(double Absolute, double Square, double Spectral)
{
    /// <summary>Measures windows of one length, summing in double precision: the samples of all their channels, the spectra of their channels' means.</summary>
    /// <param name="backend">What computes the spectra.</param>
    /// <param name="windows">The channels of each window, one or more.</param>
    /// <exception cref="TrainingException">There are none, or they are silent.</exception>
    public static Bandwidths Measure(ITrainingBackend backend, IEnumerable<float[][]> windows)
    {
        double absolute = 0, sum = 0, squares = 0, spectral = 0;
        long samples = 0, count = 0;
        foreach (float[][] window in windows)
        {
            foreach (float[] channel in window)
            {
                foreach (float value in channel)
                {
                    absolute += Math.Abs(value);
                    sum += value;
                    squares += (double)value * value;
                }

                samples += channel.Length;
            }

            spectral += SpectralNorm(backend, MeanOf(window));
            count++;
        }

        double mean = sum / samples, variance = (squares / samples) - (mean * mean);
        return variance > 0
            ? new Bandwidths(absolute / samples, variance, spectral / count)
            : throw new TrainingException(
                count == 0 ? "There is no audio to measure; add recordings." : $"All {count} windows that were measured are silent; add recordings with sound.");
    }

    private static float[] MeanOf(float[][] channels) =>
        channels.Length == 1 ? channels[0] : [.. Enumerable.Range(0, channels[0].Length).Select(i => channels.Average(channel => channel[i]))];

    private static double SpectralNorm(ITrainingBackend backend, float[] window)
    {
        using var scratch = new Workspace(backend);
        Tensor x = scratch.Allocate("x", ElementType.F32, 1, window.Length), norms = scratch.Allocate("norms", ElementType.F32, 1, 2);
        x.Upload<float>(window);
        backend.SpectralDistance(x, x, ReconstructionLoss.DefaultResolution, norms, 0, null);
        return norms.ToArray<float>()[1];
    }
}
