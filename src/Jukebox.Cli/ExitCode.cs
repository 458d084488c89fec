namespace Jukebox.Cli;

/// <summary>What the process returns.</summary>
public static class ExitCode
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Failed; one sentence on standard error says what to do.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int BadUsage = 2;

    /// <summary>Stopped by Ctrl-C or SIGTERM; what was sampled is on disk.</summary>
    public const int Interrupted = 130;
}
