using Jukebox.Cli;

return CommandLine.Run(args, new Terminal(Console.Out, Console.Error, isLive: !Console.IsErrorRedirected), MachineLimits.Real, handleSignals: true);
