using Jukebox.Cli;
using Jukebox.Studio.Devices;

return CommandLine.Run(args, new Terminal(Console.Out, Console.Error, isLive: !Console.IsErrorRedirected), MachineResources.Real, handleSignals: true);
