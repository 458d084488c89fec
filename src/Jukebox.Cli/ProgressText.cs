using System.Diagnostics;
using Jukebox.Models;

namespace Jukebox.Cli;

/// <summary>
/// Says in one line where a run stands. The rate is of tokens drawn at the level at hand; the finish time follows from it
/// and from nothing else.
/// </summary>
internal sealed class ProgressText(Terminal terminal, TimeProvider clock)
{
    private int _level = -1;
    private long _levelStart;
    private long _drawnBefore;
    private TimeSpan _drawing;
    private SamplingProgress? _last;

    /// <summary>Takes a report; writes a line when it is due.</summary>
    public void Report(SamplingProgress progress)
    {
        long now = Stopwatch.GetTimestamp();
        if (progress.Level != _level)
        {
            _level = progress.Level;
            _drawnBefore = progress.DrawnTokens;
            _drawing = TimeSpan.Zero;
        }
        else if (_last is { Phase: SamplingPhase.Sampling or SamplingPhase.Priming })
        {
            _drawing += Stopwatch.GetElapsedTime(_levelStart, now);
        }

        _levelStart = now;
        bool changed = _last is null || _last.Level != progress.Level;
        _last = progress;
        terminal.Progress(() => Line(progress), force: changed);
    }

    private string Line(SamplingProgress progress)
    {
        string phase = progress.Phase switch
        {
            SamplingPhase.Preparing => "preparing",
            SamplingPhase.Loading => "loading weights",
            SamplingPhase.Priming => "priming",
            SamplingPhase.Decoding => "decoding audio",
            SamplingPhase.Aligning => "aligning lyrics",
            _ => "sampling",
        };
        string text = $"level {progress.Level}  window {progress.Window} of {progress.Windows}  {phase}";
        long drawn = progress.DrawnTokens - _drawnBefore;
        if (drawn == 0 || _drawing <= TimeSpan.Zero)
        {
            return text;
        }

        double rate = drawn / _drawing.TotalSeconds;
        string finish = Readable.FinishTime(TimeSpan.FromSeconds(Math.Min(progress.RemainingTokens / rate, 1e10)), clock);
        return $"{text}  {Readable.Rate(rate)} tokens/s  {progress.AudioSeconds:0.0} s of audio ready  done at {finish}";
    }
}
