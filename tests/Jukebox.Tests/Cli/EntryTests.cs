using Xunit;

namespace Jukebox.Tests.Cli;

public sealed class EntryTests
{
    [Fact]
    public void AnUnknownCommandIsBadUsageAndNamesTheNearest()
    {
        CliRun run = CliRun.Of("inf");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("info", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void AMisspeltOptionIsBadUsageAndNoFileName()
    {
        CliRun run = CliRun.Of("info", "--jsn");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'--jsn'", run.Error, StringComparison.Ordinal);
        Assert.Contains("jukebox-native info --help", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingModelIsOneSentenceThatSaysWhatToDo()
    {
        CliRun run = CliRun.Of("info", "no/such/model");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("There is no model at 'no/such/model' (no model.json in it): give a folder that jukebox-convert wrote.", run.Error.Trim());
    }

    [Theory]
    [InlineData("bash", "complete -o default -F")]
    [InlineData("zsh", "#compdef jukebox-native")]
    [InlineData("fish", "complete -c jukebox-native")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void EveryShellHasACompletionScript(string shell, string text) =>
        Assert.Contains(text, CliRun.Of("completion", shell).Output, StringComparison.Ordinal);

    [Fact]
    public void CompletionKnowsTheCommands() =>
        Assert.Contains("completion", CliRun.Of("[suggest:19]", "jukebox-native comp").Output, StringComparison.Ordinal);

    [Fact]
    public void TheVersionIsPrinted() => Assert.Matches(@"^\d+\.\d+\.\d+", CliRun.Of("--version").Output);
}
