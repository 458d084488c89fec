using System.CommandLine;
using System.Globalization;
using Jukebox.Core.Errors;
using Jukebox.Core.Text;
using Jukebox.Studio.Bench;

namespace Jukebox.Cli.Options;

/// <summary>Options of <c>bench --embed</c>, and what it prints.</summary>
internal sealed class EmbeddingBenchOptions
{
    private readonly Option<bool> _embed = new("--embed") { Description = "Activations of the top prior's layers instead, as 'embed' computes them." };

    private readonly Option<int?> _layers = new Option<int?>("--layers")
    {
        Description = $"With --embed: the deepest layer, counted from 1. [default: {EmbeddingSizes.DefaultLayers}, or all that there are]",
        HelpName = "N",
    }.Within(1, 4096);

    private readonly Option<int?> _tokens = new Option<int?>("--tokens")
    {
        Description = "With --embed: tokens of a window. [default: a whole window]",
        HelpName = "N",
    }.Within(1, 1 << 20);

    private readonly Option<int?> _windows = new Option<int?>("--windows")
    {
        Description = "With --embed: windows that go through a layer before the next is read. [default: 1]",
        HelpName = "N",
    }.Within(1, 4096);

    /// <summary>Adds the options.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_embed, _layers, _tokens, _windows])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether activations are to be measured, and how much.</summary>
    /// <exception cref="UsageException">Sizes are given without it.</exception>
    public EmbeddingSizes? SizesOf(ParseResult result)
    {
        if (result.GetValue(_embed))
        {
            return new EmbeddingSizes(result.GetValue(_layers), result.GetValue(_tokens), result.GetValue(_windows) ?? 1);
        }

        Option? stray = ((Option<int?>[])[_layers, _tokens, _windows]).FirstOrDefault(option => result.GetValue(option) is not null);
        return stray is null ? null : throw new UsageException($"{stray.Name} goes with --embed.");
    }

    /// <summary>Prints what was measured.</summary>
    public static void Print(EmbeddingReport report, TextWriter output)
    {
        output.WriteLine($"{report.Model}, {report.Storage}, on {report.Device}");
        output.WriteLine(
            $"{report.Layers} layers, {report.Windows} {(report.Windows == 1 ? "window" : "windows")} of {report.Tokens} tokens: {Readable.Duration(report.Seconds)}, "
            + $"{Readable.Duration(report.SecondsPerWindow)} a window, {Readable.Rate(report.WindowsPerMinute)} windows a minute");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Readable.Scaled(report.OperationsPerSecond)}FLOP/s, {report.PeakShare:P0} of the {Readable.Scaled(report.PeakOperationsPerSecond)}FLOP/s measured in this run"));
        output.WriteLine(
            $"weights: {Readable.Bytes(report.WeightBytes)} read in {Readable.Duration(report.WeightSeconds)}, of which {Readable.Duration(report.WaitedSeconds)} were waited for");
        if (report.PeakMemoryBytes is { } bytes)
        {
            output.WriteLine($"memory: {Readable.Bytes(bytes)} at most");
        }
    }
}
