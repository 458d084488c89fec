using System.Text.RegularExpressions;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>The converter's rooms see each other one way only: containers know nothing of models, and sources and targets nothing of each other.</summary>
public sealed class RoomTests
{
    private const string Root = "Jukebox.Conversion";
    private static readonly string Folder = Path.Combine(Repository.Root, "src", Root);

    /// <summary>What every room may use: the exception that people read, and how numbers and foreign text are shown.</summary>
    private static readonly string[] Shared = ["ConversionException", "Text"];

    [Theory]
    [InlineData("Containers")]
    [InlineData("Hyperparameters", "Containers")]
    [InlineData("Sources", "Containers", "Hyperparameters")]
    [InlineData("Targets", "Containers", "Hyperparameters")]
    public void RoomsSeeOnlyTheRoomsBelowThem(string room, params string[] below)
    {
        string[] upper = [.. Directory.EnumerateFiles(Folder, "*.cs").Select(path => Path.GetFileNameWithoutExtension(path)).Except(Shared)];
        var ofUpper = new Regex($@"(?<![\w.<])({string.Join('|', upper)})\b(?!"")");
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Folder, room), "*.cs", SearchOption.AllDirectories))
        {
            string text = string.Join('\n', File.ReadLines(path).Where(line => !line.TrimStart().StartsWith("///", StringComparison.Ordinal)));
            string[] seen = [.. Regex.Matches(text, $@"\b{Root}\.(\w+)|(?<![\w.])(Containers|Sources|Targets)\.[A-Z]").Select(match => match.Groups[1].Value + match.Groups[2].Value)];
            Assert.All(seen, other => Assert.True(other == room || below.Contains(other), $"{path} sees {other}"));
            Assert.False(ofUpper.IsMatch(text), $"{path} sees {ofUpper.Match(text).Value}");
        }
    }

    [Fact]
    public void EveryRoomIsNamedHere() => Assert.Equal(
        ["Containers", "Hyperparameters", "Sources", "Targets"],
        Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(Folder, path).Split(Path.DirectorySeparatorChar))
            .Where(parts => parts.Length > 1 && parts[0] is not ("obj" or "bin")).Select(parts => parts[0]).Distinct().Order());
}
