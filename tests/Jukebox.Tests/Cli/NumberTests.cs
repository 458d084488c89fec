using System.CommandLine;
using Jukebox.Cli;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>Numbers and paths on every option of every command: what is none is said, and nothing is begun.</summary>
public sealed class NumberTests
{
    private static readonly Type[] NumberTypes = [typeof(int), typeof(long), typeof(ulong), typeof(double), typeof(float)];

    /// <summary>Values that some reader of numbers takes for one.</summary>
    private static readonly string[] NoNumbers = ["3,5", "1.000,5", "NaN", "Infinity", "-Infinity", "∞", "1e999", "0x10", "1_000", " ", "٣", "3.5s", "1.", "--5"];

    /// <summary>Command and option of everything that takes a number.</summary>
    public static TheoryData<string, string> NumericOptions()
    {
        var data = new TheoryData<string, string>();
        foreach ((string command, Option option) in Options().Where(entry => IsNumber(entry.Option)))
        {
            data.Add(command, option.Name);
        }

        return data;
    }

    /// <summary>Command and option of everything that takes a path.</summary>
    public static TheoryData<string, string> PathOptions()
    {
        var data = new TheoryData<string, string>();
        foreach ((string command, Option option) in Options().Where(entry => entry.Option.HelpName is { } name && (name.StartsWith('F') || name is "RUN" or "MODEL")))
        {
            data.Add(command, option.Name);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(NumericOptions))]
    public void WhatIsNoNumberIsBadUsage(string command, string option) => Assert.All(NoNumbers.Where(text => !TakesCommas(command, option) || !text.Contains(',')), text =>
    {
        CliRun run = CliRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), $"{option}={text}"]);
        Assert.True(run.ExitCode == 2, $"{text}: {run.Error}");
        Assert.Contains("is expected", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of this program", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", run.Error, StringComparison.Ordinal);
    });

    [Theory]
    [MemberData(nameof(NumericOptions))]
    public void WhatIsBeyondAllBoundsIsBadUsage(string command, string option)
    {
        string[] arguments = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        CliRun run = CliRun.Of([.. arguments, $"{option}=99999999999999999999999999"]);
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"{option} 99999999999999999999999999: ", run.Error, StringComparison.Ordinal);
        if (option != "--seed")
        {
            run = CliRun.Of([.. arguments, $"{option}=-7"]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains("must lie in", run.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(PathOptions))]
    public void AnEmptyPathIsBadUsage(string command, string option)
    {
        CliRun run = CliRun.Of([.. command.Split(' ', StringSplitOptions.RemoveEmptyEntries), option, ""]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(option, run.Error, StringComparison.Ordinal);
        Assert.Contains("is expected", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ThereAreOptionsToTry()
    {
        Assert.True(NumericOptions().Count >= 40, $"{NumericOptions().Count} numbers");
        Assert.True(PathOptions().Count >= 30, $"{PathOptions().Count} paths");
    }

    [Theory]
    [InlineData("3,5", "--seconds 3,5: a number with a point is expected, as 3.5, from 0.001 to 1000000.")]
    [InlineData("ten", "--seconds ten: a number is expected, from 0.001 to 1000000.")]
    [InlineData("1e9", "--seconds 1e9: it must lie in 0.001 to 1000000.")]
    public void TheSentenceSaysWhatToWrite(string text, string said) =>
        Assert.StartsWith(said, CliRun.Of("sample", "--seconds", text).Error, StringComparison.Ordinal);

    private static bool IsNumber(Option option)
    {
        Type type = option.ValueType.IsArray ? option.ValueType.GetElementType()! : option.ValueType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return (NumberTypes.Contains(type) && option.HelpName != "N[,N]") || IsPerLevel(option);
    }

    private static bool IsPerLevel(Option option) => option.ValueType.IsGenericType && option.ValueType.GetGenericTypeDefinition() == typeof(PerLevel<>);

    /// <summary>Whether commas part the numbers of levels.</summary>
    private static bool TakesCommas(string command, string option) => Options().Any(entry => entry.Command == command && entry.Option.Name == option && IsPerLevel(entry.Option));

    private static IEnumerable<(string Command, Option Option)> Options()
    {
        using var output = new StringWriter();
        var session = new Session(new Terminal(output, output, isLive: false), MachineResources.Real, CancellationToken.None);
        return Below(CommandLine.BuildRoot(session), "");
    }

    private static IEnumerable<(string Command, Option Option)> Below(Command command, string path) =>
        command.Options.Select(option => (path, option)).Concat(command.Subcommands.SelectMany(inner => Below(inner, $"{path} {inner.Name}".Trim())));
}
