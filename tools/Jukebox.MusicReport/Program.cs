using Jukebox.Core.Text;
using Jukebox.MusicReport;

using var console = new Utf8Console();
return new ReportCommandLine(Console.Out, Console.Error, isLive: !Console.IsErrorRedirected).Run(args, handleSignals: true);
