using Jukebox.Core.Text;

namespace Jukebox.Cli;

/// <summary>Where a command writes: results to <paramref name="output"/>, progress and errors to <paramref name="error"/>.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="isLive">Whether a person watches standard error, so that a line can be rewritten in place.</param>
public sealed class Terminal(TextWriter output, TextWriter error, bool isLive)
{
    /// <summary>How often progress is printed where no line can be rewritten.</summary>
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LiveInterval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private DateTime _nextProgress;
    private int _liveLength;
    private string? _aside;

    /// <summary>Standard output: results only.</summary>
    public TextWriter Output => output;

    /// <summary>Standard error, for whoever needs the writer itself.</summary>
    public TextWriter ErrorWriter => error;

    /// <summary>Writes a whole line to standard error, above the live line.</summary>
    public void Note(string line)
    {
        lock (_lock)
        {
            EndLiveLine(keep: false);
            SayAside();
            error.WriteLine(PlainText.Of(line));
        }
    }

    /// <summary>Writes a line before the next one, unless the command fails first: what is no news then.</summary>
    public void Aside(string line) => _aside = line;

    /// <summary>Forgets what was to be said aside.</summary>
    public void DropAside() => _aside = null;

    /// <summary>
    /// Shows where a run stands; rewritten in place on a terminal, a line every ten seconds otherwise. The text is made
    /// only when it is shown; <paramref name="force"/> shows it in any case.
    /// </summary>
    public void Progress(Func<string> text, bool force = false)
    {
        lock (_lock)
        {
            DateTime now = DateTime.UtcNow;
            if (!force && now < _nextProgress)
            {
                return;
            }

            _nextProgress = now + (isLive ? LiveInterval : PlainInterval);
            SayAside();
            string line = PlainText.Of(text());
            if (isLive)
            {
                error.Write('\r' + line.PadRight(_liveLength));
                _liveLength = line.Length;
            }
            else
            {
                error.WriteLine(line);
            }

            error.Flush();
        }
    }

    /// <summary>Leaves the live line as it stands and goes on below it.</summary>
    public void EndProgress()
    {
        lock (_lock)
        {
            EndLiveLine(keep: true);
        }
    }

    private void SayAside()
    {
        if (_aside is { } line)
        {
            _aside = null;
            error.WriteLine(PlainText.Of(line));
        }
    }

    private void EndLiveLine(bool keep)
    {
        if (_liveLength > 0)
        {
            error.Write(keep ? Environment.NewLine : '\r' + new string(' ', _liveLength) + '\r');
            _liveLength = 0;
        }
    }
}
