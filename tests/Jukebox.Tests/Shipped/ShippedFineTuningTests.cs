using System.Globalization;
using System.Runtime.Intrinsics;
using Jukebox.Audio.Writing;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Shipped;

/// <summary>The model that ships can be taught music of one's own, as the README says.</summary>
public sealed class ShippedFineTuningTests : IDisposable
{
    private const double PieceSeconds = 14;

    /// <summary>Least that the new pieces must become cheaper in a moment's training, bits per token of the coarsest level.</summary>
    private const double LeastGainBits = 0.2;

    private static readonly (string Artist, int Higher)[] Pieces = [("Ada Newcomer", 0), ("Bea Newcomer", 3), ("Cleo Newcomer", 8)];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void ThreePiecesByNewArtistsCostFewerBitsAndOldLabelsStay()
    {
        Skip.IfNot(Vector256.IsHardwareAccelerated, "training takes minutes without vectors");
        string data = _folder["data"], tuned = _folder["run", "model"];
        int top = ShippedModel.Levels[0];
        WritePieces(data);
        string settings = _folder.Write("settings.json", """{ "preset": "tiny_top", "rate": { "warmup_steps": 5 }, "intervals": { "sample_every": 0 } }""");
        double before = BitsOf(ShippedModel.Folder, data, top);
        CliRun run = CliRun.Of(
            "train", "prior", "--from", ShippedModel.Folder, "--level", $"{top}", "--data", data, "--settings", settings, "--batch", "3",
            "--steps", "20", "--learning-rate", "3e-4", "--output", _folder["run"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.All(Pieces, piece => Assert.Contains($"'{LabelNames.Normalise(3, piece.Artist)}'", run.Error, StringComparison.Ordinal));

        double after = BitsOf(tuned, data, top);
        Assert.True(after < before - LeastGainBits, $"{after} bits per token after training, {before} before");

        LabelTables old = LabelTables.Open(ShippedModel.Folder), names = LabelTables.Open(tuned);
        using var model = ModelFolder.Open(tuned);
        model.Verify();
        foreach (PriorSpec prior in model.Description.Priors)
        {
            foreach (LabelKind kind in Enum.GetValues<LabelKind>())
            {
                LabelTable known = old.Find(prior.Labels!.Generation, kind)!, present = names.Find(prior.Labels.Generation, kind)!;
                Assert.All(known.Entries, entry => Assert.True(present.TryFind(entry.Key, out int id) && id == entry.Value, entry.Key));
            }
        }
    }

    private static void WritePieces(string folder)
    {
        Directory.CreateDirectory(folder);
        var table = new List<string> { "file\tartist\tgenre\tsplit" };
        int rateHz = ShippedModel.Description.SampleRateHz;
        foreach ((string artist, int higher) in Pieces)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"piece-{higher}.wav");
            using WaveWriter writer = WaveWriter.Create(Path.Combine(folder, name), rateHz);
            writer.Write(MadeMusic.Of((int)(PieceSeconds * rateHz), rateHz, higher));
            writer.Flush();
            table.Add($"{name}\t{artist}\tguitar\ttrain");
        }

        File.WriteAllLines(Path.Combine(folder, "manifest.tsv"), table);
    }

    private static double BitsOf(string model, string data, int level) =>
        CliRun.JsonOf("evaluate", model, data, "--device", "cpu", "--json").GetProperty("levels").EnumerateArray()
            .Single(each => each.GetProperty("level").GetInt32() == level).GetProperty("bits_per_token").GetDouble();
}
