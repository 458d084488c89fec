using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Jukebox.Studio.Devices;

namespace Jukebox.Cli;

/// <summary>What every command is given: where to write, and when to stop.</summary>
/// <param name="Terminal">Results, progress and errors.</param>
/// <param name="Limits">Memory and disk to spare.</param>
/// <param name="Cancellation">Cancelled by the first Ctrl-C.</param>
public sealed record Session(Terminal Terminal, MachineResources Limits, CancellationToken Cancellation)
{
    /// <summary>Gives a result out, for programs or for people; what progress was shown stays above it.</summary>
    /// <param name="report">The result.</param>
    /// <param name="type">How it is written as JSON.</param>
    /// <param name="json">Whether it is to be.</param>
    /// <param name="print">Writes it for people.</param>
    internal void Tell<T>(T report, JsonTypeInfo<T> type, bool json, Action<T, TextWriter> print)
    {
        Terminal.EndProgress();
        if (json)
        {
            Terminal.Output.WriteLine(JsonSerializer.Serialize(report, type));
        }
        else
        {
            print(report, Terminal.Output);
        }
    }
}

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
