using System.Numerics;

namespace Jukebox.Audio.Resampling;

/// <summary>
/// Changes the sample rate of a mono signal with a Kaiser-windowed sinc: flat to 92 % of the lower Nyquist frequency,
/// more than 100 dB down beyond it, no delay: output i is the signal at time i / output rate. Works on a stream; the
/// result does not depend, by a bit, on how the signal is cut into blocks. Equal rates pass through unchanged.
/// </summary>
/// <remarks>n input samples make ⌈n · output rate / input rate⌉ output samples; the signal counts as 0 outside.</remarks>
public sealed class Resampler
{
    /// <summary>Lowest rate taken.</summary>
    public const int LowestRateHz = 1_000;

    /// <summary>Highest rate taken.</summary>
    public const int HighestRateHz = 384_000;

    private readonly ResamplerKernel _kernel;
    private readonly int _outputRateHz;
    private readonly int _inputRateHz;

    // Rates over their greatest common divisor: one output step is _stepFrames + _stepPhase / _phaseCount inputs.
    private readonly int _phaseCount;
    private readonly int _stepFrames;
    private readonly int _stepPhase;

    private float[] _buffer;
    private long _bufferStart;
    private int _bufferCount;
    private long _inputCount;
    private long _outputCount;
    private long _outputLimit = long.MaxValue;
    private long _frame;
    private int _phase;

    /// <summary>Prepares the filter.</summary>
    public Resampler(int inputRateHz, int outputRateHz)
    {
        CheckRate(inputRateHz);
        CheckRate(outputRateHz);
        int divisor = (int)BigInteger.GreatestCommonDivisor(inputRateHz, outputRateHz);
        (_inputRateHz, _outputRateHz) = (inputRateHz / divisor, outputRateHz / divisor);
        _phaseCount = _outputRateHz;
        (_stepFrames, _stepPhase) = Math.DivRem(_inputRateHz, _phaseCount);
        _kernel = new ResamplerKernel(_inputRateHz, _outputRateHz);
        _buffer = new float[_kernel.TapCount];
        _bufferStart = -_kernel.TapsBefore;
        _bufferCount = _kernel.TapsBefore;
    }

    /// <summary>Input samples on either side of an output that it depends on.</summary>
    public int ReachFrames => _kernel.TapCount - _kernel.TapsBefore;

    /// <summary>Input steps after which outputs fall on the same places between inputs again.</summary>
    public int PeriodFrames => _inputRateHz;

    /// <summary>Outputs in such a period.</summary>
    public int PeriodOutputs => _outputRateHz;

    /// <summary>Output samples that <paramref name="inputCount"/> input samples make.</summary>
    public long OutputCount(long inputCount) => checked(((inputCount * _outputRateHz) + _inputRateHz - 1) / _inputRateHz);

    /// <summary>Takes the next input samples. Call <see cref="Read"/> until it returns 0 before the next call, to bound memory.</summary>
    public void Write(ReadOnlySpan<float> input)
    {
        if (_outputLimit != long.MaxValue)
        {
            throw new InvalidOperationException("the signal has ended");
        }

        input.CopyTo(Extend(input.Length));
        _inputCount += input.Length;
    }

    /// <summary>Says that the signal has ended; the remaining output can then be read.</summary>
    public void Complete()
    {
        if (_outputLimit == long.MaxValue)
        {
            Extend(_kernel.TapCount).Clear();
            _outputLimit = OutputCount(_inputCount);
        }
    }

    /// <summary>Computes output samples that the input so far determines.</summary>
    /// <returns>How many; 0 where more input is needed, or after the end.</returns>
    public int Read(Span<float> output)
    {
        int done = 0;
        long inputEnd = _bufferStart + _bufferCount;
        while (done < output.Length && _outputCount < _outputLimit && _frame - _kernel.TapsBefore + _kernel.TapCount <= inputEnd)
        {
            int first = (int)(_frame - _kernel.TapsBefore - _bufferStart);
            output[done++] = Dot(_kernel.Taps(_phase), _buffer.AsSpan(first, _kernel.TapCount));
            _outputCount++;
            _frame += _stepFrames;
            _phase += _stepPhase;
            if (_phase >= _phaseCount)
            {
                _phase -= _phaseCount;
                _frame++;
            }
        }

        return done;
    }

    /// <summary>Resamples a whole signal.</summary>
    public static float[] Resample(ReadOnlySpan<float> input, int inputRateHz, int outputRateHz)
    {
        var resampler = new Resampler(inputRateHz, outputRateHz);
        resampler.Write(input);
        resampler.Complete();
        var output = new float[resampler.OutputCount(input.Length)];
        resampler.Read(output);
        return output;
    }

    private static void CheckRate(int rateHz)
    {
        if (rateHz is < LowestRateHz or > HighestRateHz)
        {
            throw new ArgumentOutOfRangeException(nameof(rateHz), rateHz, $"sample rates are {LowestRateHz} to {HighestRateHz} Hz");
        }
    }

    /// <summary>Room for more input after what outputs still need; earlier input is dropped.</summary>
    private Span<float> Extend(int count)
    {
        int dropped = (int)Math.Clamp(_frame - _kernel.TapsBefore - _bufferStart, 0, _bufferCount);
        int kept = _bufferCount - dropped;
        float[] target = kept + count <= _buffer.Length ? _buffer : new float[Math.Max(kept + count, 2 * _buffer.Length)];
        _buffer.AsSpan(dropped, kept).CopyTo(target);
        _buffer = target;
        _bufferStart += dropped;
        _bufferCount = kept + count;
        return target.AsSpan(kept, count);
    }

    private static float Dot(ReadOnlySpan<float> taps, ReadOnlySpan<float> samples)
    {
        int width = Vector<float>.Count;
        Vector<float> even = Vector<float>.Zero, odd = Vector<float>.Zero;
        int i = 0;
        for (; i <= taps.Length - (2 * width); i += 2 * width)
        {
            even += new Vector<float>(taps[i..]) * new Vector<float>(samples[i..]);
            odd += new Vector<float>(taps[(i + width)..]) * new Vector<float>(samples[(i + width)..]);
        }

        float sum = Vector.Sum(even + odd);
        for (; i < taps.Length; i++)
        {
            sum += taps[i] * samples[i];
        }

        return sum;
    }
}
