using System.Text.Json;
using Jukebox.Cpu.Backend;
using Jukebox.Recordings.Evaluation;

namespace Jukebox.Tests.Shipped;

/// <summary>Least that a level must keep of the recording.</summary>
internal sealed record RoundTripFloor(int Level, double SnrDecibels, double SpectralConvergence);

/// <summary><c>expected.json</c> beside a model: what <see cref="ModelBehaviour"/> must find.</summary>
/// <param name="GreedyCodes">By instruction set, then by level.</param>
/// <param name="RoundTrip">By level.</param>
internal sealed record ExpectedBehaviour(SortedDictionary<string, string[]> GreedyCodes, RoundTripFloor[] RoundTrip)
{
    private const string FileName = "expected.json";

    /// <summary>What a round trip may lose from one machine to another: a code here and there, where two are as near.</summary>
    private const double SnrMarginDecibels = 0.5, ConvergenceMargin = 0.02;

    private static readonly JsonSerializerOptions Options = new() { WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>How the file calls an instruction set.</summary>
    public static string NameOf(CpuInstructionSet instructionSet) => instructionSet.ToString().ToLowerInvariant();

    /// <summary>What a model does on this machine, with margins.</summary>
    public static ExpectedBehaviour Measure(string model) => new(
        new(CpuOptions.Supported.ToDictionary(NameOf, set => ModelBehaviour.GreedyHashes(model, set)), StringComparer.Ordinal),
        [.. ModelBehaviour.RoundTrip(model).Select((quality, level) => FloorOf(level, quality))]);

    public static ExpectedBehaviour Read(string model) =>
        JsonSerializer.Deserialize<ExpectedBehaviour>(File.ReadAllText(Path.Combine(model, FileName)), Options)!;

    public void Write(string model) => File.WriteAllText(Path.Combine(model, FileName), JsonSerializer.Serialize(this, Options) + "\n");

    private static RoundTripFloor FloorOf(int level, ReconstructionQuality quality) => new(
        level, Math.Round(quality.SignalToNoiseDecibels!.Value - SnrMarginDecibels, 2), Math.Round(quality.SpectralConvergence!.Value + ConvergenceMargin, 3));
}
