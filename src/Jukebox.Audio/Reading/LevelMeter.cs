using System.Globalization;

namespace Jukebox.Audio.Reading;

/// <summary>Looks at what is read of a recording for what makes codes of little use: silence, channels that cancel each other, other units.</summary>
internal sealed class LevelMeter
{
    private const double NearlySilent = 1e-4; // of the channels' energy: −40 dB
    private const float FarTooLoud = 4;

    private double _channelEnergy;
    private double _monoEnergy;
    private float _peak;
    private long _frames;

    /// <summary>What is to be said, as a clause, or none.</summary>
    public string? Finding
    {
        get
        {
            if (_frames > 0 && _channelEnergy == 0)
            {
                return "it is silent: every sample of what was read is 0";
            }

            if (_monoEnergy < NearlySilent * _channelEnergy)
            {
                return "its channels cancel each other, so that their mean, which is what is read, is nearly silent; invert one of them, or take one alone";
            }

            return _peak > FarTooLoud
                ? string.Create(CultureInfo.InvariantCulture, $"its samples reach {_peak:0.#}, where 1 is the loudest; scale it down, or the model hears noise")
                : null;
        }
    }

    /// <summary>Adds frames and the mean of their channels.</summary>
    public void Add(ReadOnlySpan<float> interleaved, ReadOnlySpan<float> mono)
    {
        int channels = interleaved.Length / Math.Max(1, mono.Length);
        double energy = 0, monoEnergy = 0;
        float peak = _peak;
        foreach (float sample in interleaved)
        {
            energy += (double)sample * sample;
            peak = Math.Max(peak, Math.Abs(sample));
        }

        foreach (float sample in mono)
        {
            monoEnergy += (double)sample * sample;
        }

        _channelEnergy += energy / Math.Max(1, channels);
        _monoEnergy += monoEnergy;
        _peak = peak;
        _frames += mono.Length;
    }
}
