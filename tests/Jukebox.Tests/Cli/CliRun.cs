using System.Text.Json;
using Jukebox.Cli;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>A command line run in this process, with what it wrote.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs the program's entry point as it stands, but for signals and the console.</summary>
    public static CliRun Of(params string[] args) => Of(MachineResources.Real, args);

    /// <summary>The same on a machine with other limits.</summary>
    public static CliRun Of(MachineResources limits, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = CommandLine.Run(args, new Terminal(output, error, isLive: false), limits);
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>What a command prints as JSON; it must succeed.</summary>
    public static JsonElement JsonOf(params string[] args)
    {
        CliRun run = Of(args);
        Assert.True(run.ExitCode == 0, run.Error);
        return JsonDocument.Parse(run.Output).RootElement.Clone();
    }
}
