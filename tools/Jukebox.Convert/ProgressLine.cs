using System.Diagnostics;
using Jukebox.Core.Text;

namespace Jukebox.Conversion.Shell;

/// <summary>
/// Progress with bytes and local finish time: a bar that is rewritten in place where a person watches, a plain line every
/// ten seconds otherwise.
/// </summary>
internal sealed class ProgressLine(TextWriter error, bool isLive, TimeProvider clock) : IProgress<ConversionProgress>, IDisposable
{
    private const int BarCells = 24;
    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _next;
    private int _width;

    /// <inheritdoc/>
    public void Report(ConversionProgress value)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        if (elapsed < _next)
        {
            return;
        }

        _next = elapsed + (isLive ? LiveInterval : PlainInterval);
        string line = Line(value, elapsed);
        if (isLive)
        {
            error.Write('\r' + line.PadRight(_width));
            _width = line.Length;
        }
        else
        {
            error.WriteLine(line);
        }

        error.Flush();
    }

    /// <summary>Leaves the bar; what is written next begins on a line of its own.</summary>
    public void End()
    {
        if (_width > 0)
        {
            error.WriteLine();
            _width = 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => End();

    private string Line(ConversionProgress value, TimeSpan elapsed)
    {
        double done = value.TotalBytes > 0 ? Math.Min((double)value.DoneBytes / value.TotalBytes, 1) : 1;
        string bar = isLive ? $"[{new string('#', (int)(done * BarCells)).PadRight(BarCells)}] " : "";
        double remainingSeconds = done > 0 ? Math.Min(elapsed.TotalSeconds * (1 - done) / done, 1e8) : 0;
        DateTimeOffset finish = clock.GetLocalNow().AddSeconds(remainingSeconds);
        return $"{bar}{done * 100:0} %  {Text.Bytes(value.DoneBytes)} of {Text.Bytes(value.TotalBytes)}  {PlainText.Line(value.Activity)}  done at {finish:HH:mm:ss}";
    }
}
