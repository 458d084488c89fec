using Jukebox.Cli;

return CommandLine.Run(args, new Terminal(Console.Out, Console.Error, isLive: !Console.IsErrorRedirected), MachineResources.Real, handleSignals: true);
