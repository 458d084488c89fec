namespace Jukebox.Audio.Resampling;

/// <summary>
/// Filter taps of a <see cref="Resampler"/> for every place between two inputs where an output can fall. Each set of
/// taps sums to one, so that a constant stays constant.
/// </summary>
internal sealed class ResamplerKernel
{
    /// <summary>Stop-band attenuation that the window is designed for; what is left after rounding is above 100 dB.</summary>
    private const double StopBandDb = 110;

    /// <summary>Width of the transition below the lower Nyquist frequency, over that frequency.</summary>
    private const double Transition = 0.08;

    /// <summary>Most taps kept (16 MB); beyond it they are computed for every output.</summary>
    private const long TableLimit = 4 << 20;

    /// <summary>Entries of the filter's curve per sample of the lower rate: between them errors stay below −180 dB.</summary>
    private const int EntriesPerSample = 256;

    /// <summary>Reach of the filter in samples of the lower rate: Kaiser's estimate for attenuation and transition.</summary>
    private static readonly double HalfWidth = Math.Ceiling((StopBandDb - 7.95) / (14.36 * Transition / 2) / 2);

    private static readonly double Beta = 0.1102 * (StopBandDb - 8.7);

    /// <summary>
    /// One side of the windowed sinc, with one entry before the middle and two after the end as neighbours for the
    /// interpolation. The same for all rates.
    /// </summary>
    private static readonly double[] Curve = BuildCurve();

    private readonly int _phaseCount;
    private readonly double _stretch;
    private readonly float[]? _table;
    private readonly float[] _scratch;
    private readonly double[] _exact;

    /// <summary>Builds the kernel for rates without a common divisor.</summary>
    public ResamplerKernel(int inputRate, int outputRate)
    {
        _phaseCount = outputRate;
        _stretch = Math.Max(1, (double)inputRate / outputRate);
        if (inputRate == outputRate)
        {
            (TapCount, TapsBefore) = (1, 0);
            (_table, _scratch, _exact) = ([1f], [], []);
            return;
        }

        int reach = (int)Math.Ceiling(HalfWidth * _stretch);
        (TapCount, TapsBefore) = (2 * reach, reach - 1);
        _scratch = new float[TapCount];
        _exact = new double[TapCount];
        if ((long)TapCount * _phaseCount <= TableLimit)
        {
            _table = new float[TapCount * _phaseCount];
            for (int phase = 0; phase < _phaseCount; phase++)
            {
                Compute(phase, _table.AsSpan(phase * TapCount, TapCount));
            }
        }
    }

    /// <summary>Taps of every phase.</summary>
    public int TapCount { get; }

    /// <summary>How many of them lie before the output's whole input position.</summary>
    public int TapsBefore { get; }

    /// <summary>Taps for an output that lies phase / phases after a whole input position. Valid until the next call.</summary>
    public ReadOnlySpan<float> Taps(int phase)
    {
        if (_table is not null)
        {
            return _table.AsSpan(phase * TapCount, TapCount);
        }

        Compute(phase, _scratch);
        return _scratch;
    }

    private void Compute(int phase, Span<float> taps)
    {
        double fraction = phase / (double)_phaseCount;
        double sum = 0;
        for (int i = 0; i < TapCount; i++)
        {
            _exact[i] = Interpolated(Math.Abs(i - TapsBefore - fraction) / _stretch);
            sum += _exact[i];
        }

        for (int i = 0; i < TapCount; i++)
        {
            taps[i] = (float)(_exact[i] / sum);
        }
    }

    private static double[] BuildCurve()
    {
        var curve = new double[(int)(HalfWidth * EntriesPerSample) + 4];
        for (int i = 0; i < curve.Length; i++)
        {
            curve[i] = Shape((i - 1) / (double)EntriesPerSample);
        }

        return curve;
    }

    /// <summary>Windowed sinc at a distance in samples of the lower rate, not normalised.</summary>
    private static double Shape(double distance)
    {
        double ratio = distance / HalfWidth;
        if (ratio >= 1)
        {
            return 0;
        }

        double x = Math.PI * (1 - (Transition / 2)) * distance;
        return (x == 0 ? 1 : Math.Sin(x) / x) * BesselI0(Beta * Math.Sqrt(1 - (ratio * ratio)));
    }

    /// <summary>The same from the curve, through the four nearest entries.</summary>
    private static double Interpolated(double distance)
    {
        double place = distance * EntriesPerSample;
        int i = (int)place;
        if (i + 3 >= Curve.Length)
        {
            return 0;
        }

        double t = place - i;
        double before = Curve[i], here = Curve[i + 1], next = Curve[i + 2], after = Curve[i + 3];
        return (-t * (t - 1) * (t - 2) / 6 * before)
            + ((t + 1) * (t - 1) * (t - 2) / 2 * here)
            - ((t + 1) * t * (t - 2) / 2 * next)
            + ((t + 1) * t * (t - 1) / 6 * after);
    }

    /// <summary>Modified Bessel function of the first kind, order 0: Σ ((x/2)^k / k!)².</summary>
    private static double BesselI0(double x)
    {
        double sum = 1, term = 1;
        for (int k = 1; term > sum * 1e-18; k++)
        {
            term *= x / (2 * k) * (x / (2 * k));
            sum += term;
        }

        return sum;
    }
}
