using System.Diagnostics;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>The program as a process of its own, which can be killed.</summary>
internal static class ProgramProcess
{
    /// <summary>How long any of these runs may take.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>Starts it.</summary>
    public static Process Start(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "jukebox-native.dll");
        return Process.Start(new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet", [program, .. arguments])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Starts it, and waits until it has done its work.</summary>
    public static void Run(params string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        Assert.True(process.WaitForExit(Limit), "the program did not end");
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}: {output.Result}{error}");
    }
}
