using Jukebox.Core.Randomness;

namespace Jukebox.MusicReport.Audio;

/// <summary>
/// Makes audio sound somewhat as if it had been coded and decoded with loss: high frequencies gone, and a noise that swells
/// with the sound. Learning from such copies too keeps an instrument from being told by what coding destroys.
/// </summary>
internal sealed class Degradation
{
    private const double LevelSeconds = 0.02; // over which the noise follows the sound
    private const double Damping = 0.70710678; // of each second-order section: flattest
    private const int NoiseSamples = 1 << 17; // six seconds, then over again

    private readonly double _cutoffHz;
    private readonly int _sampleRateHz;
    private readonly float[] _noise;

    /// <summary>Prepares a degradation; the noise is always the same.</summary>
    /// <param name="cutoffHz">Where the low-pass, of fourth order, has lost 6 dB.</param>
    /// <param name="signalToNoiseDecibels">Of the sound at any moment over the noise.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    public Degradation(double cutoffHz, double signalToNoiseDecibels, int sampleRateHz)
    {
        (_cutoffHz, _sampleRateHz) = (cutoffHz, sampleRateHz);
        _noise = new float[NoiseSamples];
        for (int i = 0; i < _noise.Length; i++)
        {
            _noise[i] = (float)Normal(i);
        }

        LowPass(_noise);
        double squares = 0;
        foreach (float value in _noise)
        {
            squares += value * value;
        }

        float gain = (float)(Math.Pow(10, -signalToNoiseDecibels / 20) / Math.Sqrt(squares / _noise.Length));
        for (int i = 0; i < _noise.Length; i++)
        {
            _noise[i] *= gain;
        }
    }

    /// <summary>A degraded copy.</summary>
    public float[] Apply(ReadOnlySpan<float> samples)
    {
        float[] result = samples.ToArray();
        LowPass(result);
        double keep = Math.Exp(-1 / (LevelSeconds * _sampleRateHz)), level = 0;
        for (int i = 0; i < result.Length; i++)
        {
            level = (keep * level) + ((1 - keep) * result[i] * result[i]);
            result[i] += (float)Math.Sqrt(level) * _noise[i % NoiseSamples];
        }

        return result;
    }

    /// <summary>A number drawn from the standard normal distribution (Box and Muller).</summary>
    private static double Normal(int index)
    {
        double radius = CounterRandom.Uniform(0, 0, 0, index), angle = CounterRandom.Uniform(0, 0, 1, index);
        return Math.Sqrt(-2 * Math.Log(1 - radius)) * Math.Cos(2 * Math.PI * angle);
    }

    /// <summary>Two equal second-order low-passes in place (Bristow-Johnson, Cookbook formulae for audio EQ).</summary>
    private void LowPass(float[] samples)
    {
        (double sine, double cosine) = Math.SinCos(2 * Math.PI * _cutoffHz / _sampleRateHz);
        double alpha = sine / (2 * Damping), scale = 1 / (1 + alpha);
        double b1 = (1 - cosine) * scale, b0 = b1 / 2, a1 = -2 * cosine * scale, a2 = (1 - alpha) * scale;
        for (int pass = 0; pass < 2; pass++)
        {
            double s1 = 0, s2 = 0;
            for (int i = 0; i < samples.Length; i++)
            {
                double x = samples[i], y = (b0 * x) + s1;
                s1 = (b1 * x) - (a1 * y) + s2;
                s2 = (b0 * x) - (a2 * y);
                samples[i] = (float)y;
            }
        }
    }
}
