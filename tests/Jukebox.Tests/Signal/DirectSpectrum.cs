using System.Numerics;
using Jukebox.Core.Contract;

namespace Jukebox.Tests.Signal;

/// <summary>Spectra by their definition, slowly.</summary>
internal static class DirectSpectrum
{
    /// <summary>Σ x[n] · e^(−2πi·kn/N).</summary>
    public static Complex Of(double[] samples, int frequency)
    {
        Complex sum = 0;
        for (int n = 0; n < samples.Length; n++)
        {
            sum += samples[n] * Complex.FromPolarCoordinates(1, -2 * Math.PI * ((long)frequency * n % samples.Length) / samples.Length);
        }

        return sum;
    }

    /// <summary>Magnitudes of a centred frame of a mirrored signal.</summary>
    public static double[] Magnitudes(float[] samples, SpectralResolution resolution, int frame)
    {
        (int transform, int hop, int window) = (resolution.TransformLength, resolution.HopLength, resolution.WindowLength);
        var framed = new double[transform];
        int left = (transform - window) / 2;
        for (int n = 0; n < window; n++)
        {
            int at = Math.Abs((frame * hop) - (transform / 2) + left + n);
            at = at < samples.Length ? at : (2 * samples.Length) - 2 - at;
            framed[left + n] = samples[at] * 0.5 * (1 - Math.Cos(2 * Math.PI * n / window));
        }

        return [.. Enumerable.Range(0, (transform / 2) + 1).Select(k => Complex.Abs(Of(framed, k)))];
    }
}
