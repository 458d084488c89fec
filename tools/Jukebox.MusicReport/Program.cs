using Jukebox.MusicReport;

return new ReportCommandLine(Console.Out, Console.Error, isLive: !Console.IsErrorRedirected).Run(args, handleSignals: true);
