using Jukebox.Cli;
using Jukebox.Core.Text;
using Jukebox.Studio.Devices;

using var console = new Utf8Console();
return CommandLine.Run(
    args, new Terminal(Console.IsOutputRedirected ? Console.Out : new PlainTextWriter(Console.Out), Console.Error, isLive: !Console.IsErrorRedirected),
    MachineResources.Real, handleSignals: true);
