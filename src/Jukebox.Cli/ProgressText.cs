using Jukebox.Core.Text;
using Jukebox.Songs.Sampling;
using Jukebox.Studio.Songs;

namespace Jukebox.Cli;

/// <summary>
/// Says in one line where a run stands. The rate is of tokens drawn at the level at hand; the finish time follows from
/// the rates that this run has measured and from what the levels to come cost beside them.
/// </summary>
/// <param name="terminal">Where the line goes.</param>
/// <param name="clock">What time it is.</param>
/// <param name="plan">The levels, in the order in which they are sampled.</param>
internal sealed class ProgressText(Terminal terminal, TimeProvider clock, LevelWork[] plan)
{
    private readonly LevelPace[] _paces = [.. plan.Select(level => new LevelPace(level.NewTokens, level.Cost, null))];
    private int _level = -1;
    private long _lastReport;
    private long _drawnBefore;
    private TimeSpan _drawing;
    private SamplingProgress? _last;

    /// <summary>Takes a report; writes a line when it is due.</summary>
    public void Report(SamplingProgress progress)
    {
        long now = clock.GetTimestamp();
        if (progress.Level != _level)
        {
            _level = progress.Level;
            _drawnBefore = progress.DrawnTokens;
            _drawing = TimeSpan.Zero;
        }
        else if (_last is { Phase: SamplingPhase.Sampling or SamplingPhase.Priming })
        {
            _drawing += clock.GetElapsedTime(_lastReport, now);
        }

        _lastReport = now;
        bool changed = _last?.Level != progress.Level;
        _last = progress;
        double? rate = Measure(progress);
        terminal.Progress(() => Line(progress, rate), force: changed);
    }

    /// <summary>Takes down the level's rate and what is left of it; gives the rate.</summary>
    private double? Measure(SamplingProgress progress)
    {
        long drawn = progress.DrawnTokens - _drawnBefore;
        double? rate = drawn == 0 || _drawing <= TimeSpan.Zero ? null : drawn / _drawing.TotalSeconds;
        int index = Array.FindIndex(plan, level => level.Level == progress.Level);
        if (index >= 0)
        {
            _paces[index] = _paces[index] with { Tokens = progress.LevelTotal - progress.LevelTokens, TokensPerSecond = rate ?? _paces[index].TokensPerSecond };
        }

        return rate;
    }

    private string Line(SamplingProgress progress, double? rate)
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
        if (rate is null || RemainingTime.Seconds(_paces) is not { } seconds)
        {
            return text;
        }

        string finish = Readable.FinishTime(TimeSpan.FromSeconds(Math.Min(seconds, 1e10)), clock);
        return $"{text}  {Readable.Rate(rate.Value)} tokens/s  {progress.AudioSeconds:0.0} s of audio ready  done at {finish}";
    }
}
