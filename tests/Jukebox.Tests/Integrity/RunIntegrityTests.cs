using Jukebox.Core.Errors;
using Jukebox.Studio.Verification;
using Jukebox.Tests.Cli;
using Jukebox.Tests.Training;
using Jukebox.Training;
using Jukebox.Training.Runs;
using Xunit;

namespace Jukebox.Tests.Integrity;

/// <summary>A flipped bit anywhere in a run that is half done is found, or the run ends in the very model.</summary>
public sealed class RunIntegrityTests(TrainedToy toy) : IClassFixture<TrainedToy>
{
    [Fact]
    public void AFlippedBitInAHalfDoneRunIsFoundOrChangesNoModel()
    {
        string half = toy.Folder["half"], work = toy.Folder["flipped"];
        Copy(toy.Folder["vqvae"], half);
        Directory.Delete(Path.Combine(half, "model"), recursive: true);
        foreach (string last in Directory.GetFiles(Path.Combine(half, "checkpoints"), "step_000000006*"))
        {
            File.Delete(last);
        }

        byte[] expected = File.ReadAllBytes(Path.Combine(toy.Folder["vqvae"], "model", "vqvae.safetensors"));
        int ended = 0;
        FlippedBits.Try(half, work, 4, (run, name) =>
        {
            bool isVerified = VerifyReport.Of(run).IsWhole;
            string? refusal = Refusal(run);
            if (refusal is not null || !NeedsTraining(name))
            {
                return isVerified && refusal is not null ? $"verified as whole, though {refusal}" : null;
            }

            ended++;
            CliRun resumed = CliRun.Of("train", "vqvae", "--resume", run, "--threads", "1");
            return resumed.ExitCode != 0 ? resumed.Error.Contains("a fault of this program", StringComparison.Ordinal) ? resumed.Error : null
                : File.ReadAllBytes(Path.Combine(run, "model", "vqvae.safetensors")).AsSpan().SequenceEqual(expected) ? null
                : "another model";
        });
        Assert.InRange(ended, 1, FlippedBits.Places);
    }

    [Fact]
    public void VerifyTellsOfARunWhatIsWrongAndWhere()
    {
        string run = toy.Folder["verified"];
        Copy(toy.Folder["vqvae"], run);
        Assert.Equal((0, $"{run}: the run is whole."), Verified(run));
        string metrics = Path.Combine(run, "metrics.jsonl"), weights = Path.Combine(run, "model", "vqvae.safetensors");
        string[] lines = File.ReadAllLines(metrics);
        File.WriteAllLines(metrics, ["{", .. lines[1..]]);
        Assert.StartsWith($"{metrics}, line 1: it holds no figures", Verified(run).Said);
        File.WriteAllLines(metrics, lines);
        byte[] bytes = File.ReadAllBytes(weights);
        bytes[^1] ^= 1;
        File.WriteAllBytes(weights, bytes);
        Assert.StartsWith($"{weights}: it is not what was written", Verified(run).Said);
    }

    [Fact]
    public void AnEditOfWhatWasWrittenWithARunIsRefused()
    {
        string run = toy.Folder["edited"], tracks = Path.Combine(run, "tracks.json"), description = Path.Combine(run, "run.json");
        Copy(toy.Folder["vqvae"], run);
        string text = File.ReadAllText(tracks);
        File.WriteAllText(tracks, text.Replace("\"length_samples\": 3", "\"length_samples\": 2", StringComparison.Ordinal));
        Assert.Contains($"{tracks}: it is not what was written when the run began", Refusal(run));
        File.WriteAllText(tracks, text);
        text = File.ReadAllText(description);
        File.WriteAllText(description, text.Replace("\"seed\": 1", "\"seed\": 2", StringComparison.Ordinal));
        Assert.Contains($"{description}: it was changed after it was written", Refusal(run));
    }

    /// <summary>Figures, curves and samples are not read by the training.</summary>
    private static bool NeedsTraining(string name) => name is "run.json" or "tracks.json" || (name.StartsWith("checkpoints", StringComparison.Ordinal) && name.EndsWith(".sha256", StringComparison.Ordinal));

    private static string? Refusal(string run)
    {
        try
        {
            RunFolder.ReadDescription(run);
            new CheckpointFolder(RunFolder.CheckpointsPath(run)).OpenNewest(_ => { }).Dispose();
            return null;
        }
        catch (Exception e) when (e is DamagedFileException or TrainingException)
        {
            return e.Message;
        }
    }

    private static (int Code, string Said) Verified(string path)
    {
        CliRun run = CliRun.Of("verify", path);
        return (run.ExitCode, run.Output.Trim());
    }

    private static void Copy(string from, string to)
    {
        foreach ((string name, byte[] content) in TemporaryFolder.Files(from))
        {
            string path = Path.Combine(to, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, content);
        }
    }
}
