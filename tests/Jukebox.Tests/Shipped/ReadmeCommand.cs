using System.Text.RegularExpressions;
using Xunit;

namespace Jukebox.Tests.Shipped;

/// <summary>The command that the README begins with: the one place that says what the shipped model is asked for first.</summary>
internal static partial class ReadmeCommand
{
    /// <summary>Arguments of <c>jukebox-native</c>, the command's name first.</summary>
    public static string[] First()
    {
        string line = File.ReadLines(Path.Combine(Repository.Root, "README.md")).First(line => line.StartsWith("    dotnet run ", StringComparison.Ordinal));
        int arguments = line.IndexOf(" -- ", StringComparison.Ordinal);
        Assert.True(arguments > 0, line);
        return [.. Argument().Matches(line[(arguments + 4)..]).Select(match => match.Value.Trim('"'))];
    }

    /// <summary>An option with its value, or nothing where the command has none.</summary>
    public static string[] Option(string[] command, string name) => Array.IndexOf(command, name) is >= 0 and int at ? command[at..(at + 2)] : [];

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Argument();
}
