using System.CommandLine;
using Jukebox.Studio.Devices;

namespace Jukebox.Cli;

/// <summary>What every command is given: where to write, and when to stop.</summary>
/// <param name="Terminal">Results, progress and errors.</param>
/// <param name="Limits">Memory and disk to spare.</param>
/// <param name="Cancellation">Cancelled by the first Ctrl-C.</param>
public sealed record Session(Terminal Terminal, MachineResources Limits, CancellationToken Cancellation);

/// <summary>Small additions to the command-line library.</summary>
internal static class SymbolExtensions
{
    /// <summary>"jukebox-native sample".</summary>
    public static string FullName(this Command command)
    {
        string parent = command.Parents.OfType<Command>().FirstOrDefault()?.FullName() ?? "";
        return command is RootCommand ? "jukebox-native" : $"{parent} {command.Name}";
    }
}
