namespace Jukebox.Recordings.Embeddings;

/// <summary>Takes a finished row.</summary>
/// <param name="seconds">Its time, from the clip's start.</param>
/// <param name="row">Its numbers; valid during the call.</param>
public delegate void FrameSink(double seconds, ReadOnlySpan<float> row);

/// <summary>
/// Makes frames of a layer's rows as they come: another rate, means between times, one row for all. No more is held than that needs: a window
/// for <see cref="FrameResampling.Fft"/>, else a few rows.
/// </summary>
/// <param name="settings">What is made of them.</param>
/// <param name="width">Numbers of a row.</param>
/// <param name="tokensPerSecond">Rows per second that come in.</param>
/// <param name="times">Times from the clip's start between which rows are averaged; none where they are not.</param>
/// <param name="sink">Takes what comes out.</param>
/// <param name="threads">Threads to resample on.</param>
public sealed class FrameStream(EmbeddingSettings settings, int width, double tokensPerSecond, double[]? times, FrameSink sink, int threads = 1)
{
    private readonly double[] _sums = new double[width]; // of the group or the interval at hand
    private readonly float[] _out = new float[width];
    private readonly List<float> _window = [];
    private readonly Pool _pool = new(settings.Pool, width);
    private float[]? _last;
    private double _start;
    private long _rows, _frames, _summed;
    private int _interval;

    private int Group => Math.Max(1, (int)Math.Floor(tokensPerSecond / settings.Fps!.Value));

    private bool IsWindowed => times is null && (settings.Keep == KeptWindows.Windows || (settings.Pool != Pooling.None && settings.PoolOver == EmbeddingScope.Window)
        || (settings.Fps is not null && settings.Resample == FrameResampling.Fft));

    /// <summary>Whether windows that overlap come whole, so that each must give what the one before has given.</summary>
    public static bool TakesWholeWindows(EmbeddingSettings settings) =>
        settings.Keep == KeptWindows.Windows || (settings.Pool != Pooling.None && settings.PoolOver == EmbeddingScope.Window);

    /// <summary>A window's rows begin.</summary>
    /// <param name="startSeconds">Time of its first row, from the clip's start.</param>
    public void Begin(double startSeconds)
    {
        if (IsWindowed || _rows == 0)
        {
            (_start, _rows, _frames, _last) = (startSeconds, 0, 0, null);
        }
    }

    /// <summary>Takes the next row.</summary>
    public void Add(ReadOnlySpan<float> row)
    {
        if (times is not null)
        {
            AddBetweenTimes(row);
        }
        else if (settings.Fps is null)
        {
            Give(_start + (_rows / tokensPerSecond), row);
        }
        else if (settings.Resample == FrameResampling.Fft)
        {
            _window.AddRange(row);
        }
        else if (settings.Resample == FrameResampling.Average)
        {
            AddToGroup(row);
        }
        else
        {
            AddOnLine(row);
        }

        _rows++;
    }

    /// <summary>A window's rows have come.</summary>
    public void End()
    {
        if (_window.Count > 0)
        {
            Frames frames = FourierResampling.Resample(new Frames([.. _window], width, tokensPerSecond), settings.Fps!.Value, threads);
            _window.Clear();
            for (int i = 0; i < frames.Count; i++)
            {
                Give(_start + (i / frames.RateHz), frames.Values.AsSpan(i * width, width));
            }
        }

        if (IsWindowed)
        {
            Array.Clear(_sums); // what is left of a group is dropped
            _summed = 0;
            if (settings.PoolOver == EmbeddingScope.Window)
            {
                _pool.Give(_start, sink);
            }
        }
    }

    /// <summary>The clip is over.</summary>
    /// <exception cref="RecordingException">A time lies behind its end, or it was too short to make one frame.</exception>
    public void Complete()
    {
        while (times is not null && _interval + 1 < times.Length)
        {
            EndInterval();
        }

        _pool.Give(0, sink);
    }

    private void Give(double seconds, ReadOnlySpan<float> row)
    {
        if (settings.Pool == Pooling.None)
        {
            sink(seconds, row);
        }
        else
        {
            _pool.Add(row);
        }
    }

    private void AddToGroup(ReadOnlySpan<float> row)
    {
        Sum(row);
        if (_summed == Group)
        {
            double seconds = _start + (_frames++ * Group / tokensPerSecond);
            Give(seconds, MeanOfSums());
        }
    }

    /// <summary>Frame i stands at i / fps: between two rows, or on one.</summary>
    private void AddOnLine(ReadOnlySpan<float> row)
    {
        for (; _frames * tokensPerSecond / settings.Fps!.Value <= _rows; _frames++)
        {
            double share = (_frames * tokensPerSecond / settings.Fps.Value) - (_rows - 1); // 1 is on this row
            for (int c = 0; c < width; c++)
            {
                _out[c] = share == 1 ? row[c] : (float)(_last![c] + (share * ((double)row[c] - _last[c])));
            }

            Give(_start + (_frames / settings.Fps.Value), _out);
        }

        _last ??= new float[width];
        row.CopyTo(_last);
    }

    private void AddBetweenTimes(ReadOnlySpan<float> row)
    {
        while (_interval + 1 < times!.Length && _rows >= FrameOf(_interval + 1))
        {
            EndInterval();
        }

        if (_interval + 1 < times.Length && _rows >= FrameOf(_interval))
        {
            Sum(row);
        }
    }

    private void EndInterval()
    {
        if (_summed == 0)
        {
            throw NoFrame();
        }

        Give(times![_interval++], MeanOfSums());
    }

    private long FrameOf(int time) => (long)(times![time] * tokensPerSecond);

    private RecordingException NoFrame() => new(FormattableString.Invariant(
        $"between {times![_interval]:0.###} and {times[_interval + 1]:0.###} s there is no frame: frames are {1 / tokensPerSecond:0.####} s apart, and there are {_rows}; give times that are further apart, and within the recording."));

    private void Sum(ReadOnlySpan<float> row)
    {
        for (int c = 0; c < width; c++)
        {
            _sums[c] += row[c];
        }

        _summed++;
    }

    private float[] MeanOfSums()
    {
        for (int c = 0; c < width; c++)
        {
            _out[c] = (float)(_sums[c] / _summed);
        }

        Array.Clear(_sums);
        _summed = 0;
        return _out;
    }

    /// <summary>One row for many.</summary>
    private sealed class Pool(Pooling kind, int width)
    {
        private readonly double[] _values = new double[kind == Pooling.None ? 0 : width];
        private long _count;

        public void Add(ReadOnlySpan<float> row)
        {
            for (int c = 0; c < width; c++)
            {
                _values[c] = kind == Pooling.Mean ? _values[c] + row[c] : _count == 0 ? row[c] : Math.Max(_values[c], row[c]);
            }

            _count++;
        }

        public void Give(double seconds, FrameSink sink)
        {
            if (_count == 0)
            {
                return;
            }

            double divisor = kind == Pooling.Mean ? _count : 1;
            sink(seconds, Array.ConvertAll(_values, value => (float)(value / divisor)));
            Array.Clear(_values);
            _count = 0;
        }
    }
}
