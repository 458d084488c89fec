using System.Diagnostics;
using Jukebox.Tests.Cli;
using Jukebox.Training.Runs;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>A run whose process is killed at moments of chance, again and again, ends in the same bits and figures.</summary>
public sealed class TrainCrashTests(TrainedToy toy) : IClassFixture<TrainedToy>
{
    private const int Steps = 30;
    private const int Kills = 5;

    [Fact]
    public void KillsAtAnyMomentChangeNothing()
    {
        string whole = toy.Folder["whole"], killed = toy.Folder["killed"];
        string settings = toy.Folder.Write("crash.json", File.ReadAllText(toy.Folder["vqvae.json"]).Replace("\"steps\": 6", $"\"steps\": {Steps}", StringComparison.Ordinal));
        string[] begin = ["vqvae", "--data", toy.Data, "--settings", settings, "--checkpoint-every", "2", "--validate-every", "3"];
        TrainedToy.Run([.. begin, "--output", whole]);

        // The first is killed as soon as there is a run at all, the others somewhere on their way.
        var random = new Random(4);
        Kill([.. begin, "--output", killed], () => RunFolder.HoldsRun(killed));
        for (int i = 1; i < Kills; i++)
        {
            var clock = Stopwatch.StartNew();
            int milliseconds = 200 + random.Next(600);
            Kill(["vqvae", "--resume", killed], () => clock.ElapsedMilliseconds > milliseconds);
        }

        TrainedToy.Run("vqvae", "--resume", killed);
        string last = Path.Combine("checkpoints", $"step_{Steps:D9}.safetensors");
        Assert.Equal(File.ReadAllBytes(Path.Combine(whole, last)), File.ReadAllBytes(Path.Combine(killed, last)));
        Assert.Equal(Figures(whole), Figures(killed));
        Assert.Empty(Directory.GetFiles(Path.Combine(killed, "checkpoints"), "*.tmp"));
    }

    private static string[] Figures(string run) =>
    [
        .. MetricsLog.Read(Path.Combine(run, "metrics.jsonl"))
            .Select(line => $"{line.Step} {line.Kind} {string.Join(' ', line.Values.Where(figure => figure.Key != "audio_seconds_per_second"))}"),
    ];

    /// <summary>Starts the program and kills it when something has come about, unless it ends before.</summary>
    private static void Kill(string[] arguments, Func<bool> isTime)
    {
        using Process process = ProgramProcess.Start(["train", .. arguments, "--threads", "1"]);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!process.HasExited && !isTime())
        {
            Thread.Sleep(1);
        }

        process.Kill();
        process.WaitForExit();
    }
}
