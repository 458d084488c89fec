using Jukebox.Audio.Writing;
using Jukebox.Tests.Cli;
using Jukebox.Tests.Shipped;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>Mistakes in asking for a training run: each ends in one sentence that says what to do.</summary>
public sealed class TrainMistakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NoDataAndNoOutputAreBadUsage()
    {
        AssertSaid(CliRun.Of("train", "vqvae", "--output", _folder["run"]), 2, "Give the folder of audio with --data FOLDER.");
        AssertSaid(CliRun.Of("train", "vqvae", "--data", _folder.Path), 2, "Give a folder for the run with --output RUN");
        AssertSaid(Prior("--output", _folder["run"]), 2, "Give the model whose VQ-VAE the prior is trained on with --vqvae MODEL");
        AssertSaid(Prior("--vqvae", "a", "--from", "b"), 2, "leave --vqvae out");
        AssertSaid(CliRun.Of("train", "vqvae", "--resume", _folder["run"]), 1, "holds no run: it has no run.json");
        AssertSaid(VqVae("--data", "nowhere", "--hours", "0"), 2, "--hours 0: it must lie in 0.000001 to 100000.");
    }

    [Fact]
    public void AMissingAndAnEmptyFolderAreNamed()
    {
        AssertSaid(VqVae("--data", _folder["nowhere"]), 1, $"There is no folder '{_folder["nowhere"]}'");
        Directory.CreateDirectory(_folder["empty"]);
        AssertSaid(VqVae("--data", _folder["empty"]), 1, $"{_folder["empty"]} holds no audio");
        WriteWave("short/a.wav", 1000);
        AssertSaid(VqVae("--data", _folder["short"]), 1, "of 1 audio files, 1 are shorter than 0.37 s; add recordings");
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void SettingsThatDoNotFitAreNamedBeforeAnythingIsRead()
    {
        AssertSaid(VqVae("--data", "nowhere", "--preset", "huge"), 1, "There is no preset 'huge'; there are ");
        AssertSaid(VqVae("--data", "nowhere", "--preset", "tiny_top"), 1, "they train a prior, and a VQ-VAE was asked for");
        AssertSaid(VqVae("--data", "nowhere", "--batch", "0"), 2, "--batch 0: it must lie in 1 to 65536.");
        AssertSaid(VqVae("--data", "nowhere", "--settings", _folder.Write("s.json", """{"stepps": 1}""")), 1, "there is no setting 'stepps'");
        AssertSaid(VqVae("--data", "nowhere", "--threads", "0"), 2, "--threads 0: it must lie in 1 to 1024.");
    }

    [Fact]
    public void ARunIsNotOverwrittenAndItsNatureDoesNotChange()
    {
        _folder.Write("run/run.json", "{}");
        AssertSaid(VqVae("--data", "nowhere"), 1, $"{_folder["run"]} already holds a run; go on with it by --resume");
        AssertSaid(CliRun.Of("train", "vqvae", "--resume", _folder["run"], "--batch", "3"), 2, "--batch cannot change when a run goes on");
        AssertSaid(CliRun.Of("train", "prior", "--resume", _folder["run"], "--level", "1"), 2, "--level cannot change when a run goes on");
        AssertSaid(CliRun.Of("train", "vqvae", "--resume", _folder["run"]), 1, "it is not valid");
        AssertSaid(CliRun.Of("train", "export", _folder["nothing"], _folder["model"]), 1, "holds no run");
    }

    [Theory]
    [InlineData("samples/mine.wav")]
    [InlineData("model/model.json")]
    [InlineData("labels/v3_artist_ids.txt")]
    [InlineData("checkpoints/step_1.safetensors")]
    [InlineData("tracks.json")]
    public void AFolderOfSomethingElseIsNotWrittenOver(string file)
    {
        _folder.Write($"run/{file}", "mine");
        WriteWave("music/a.wav", 30_000);
        AssertSaid(VqVae("--data", _folder["music"]), 1, $"holds '{file.Split('/')[0]}' but no run, and a run would write over it; choose another folder.");
        AssertSaid(VqVae("--data", _folder["music"], "--force"), 1, "choose another folder.");
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder["run"], file)));
    }

    /// <summary>Only what a run itself wrote before it was killed gives way to the next.</summary>
    [Theory]
    [InlineData("""[{"title": "mine"}]""", true)]
    [InlineData("""[null]""", true)]
    [InlineData("""[{"name": "a.wav", "hash": "00"}]""", false)]
    public void RecordingsThatNoRunWroteAreForeign(string tracks, bool foreign)
    {
        _folder.Write("run/tracks.json", tracks);
        _folder.Write("run/labels/mine.txt", "mine");
        WriteWave("music/a.wav", 30_000); // too little to begin
        AssertSaid(VqVae("--data", _folder["music"]), 1, foreign ? "holds 'tracks.json' but no run" : "fewer than a batch of");
        Assert.True(File.Exists(_folder["run", "labels", "mine.txt"]));
    }

    /// <summary>So the same command goes through with a smaller batch, and <c>--force</c> gives no run up for one that cannot begin.</summary>
    [Fact]
    public void TooFewWindowsForABatchLeaveNoRunAndTakeNone()
    {
        WriteWave("music/a.wav", 600_000); // two windows of twelve seconds, one of them to learn from
        string[] ask = ["--from", ShippedModel.Folder, "--level", "2", "--data", _folder["music"], "--batch", "2", "--output", _folder["run"]];
        AssertSaid(Prior(ask), 1, "give 1 windows to learn from, fewer than a batch of 2; add recordings, or use a smaller --batch.");
        Assert.False(Directory.Exists(_folder["run"]));
        _folder.Write("run/run.json", "mine");
        AssertSaid(Prior([.. ask, "--force"]), 1, "fewer than a batch of 2");
        Assert.Equal("mine", File.ReadAllText(_folder["run", "run.json"]));
    }

    [Fact]
    public void SilenceIsNoMusic()
    {
        WriteWave("music/a.wav", 300_000);
        AssertSaid(VqVae("--data", _folder["music"], "--batch", "1"), 1, "windows that were measured are silent; add recordings with sound");
    }

    [Fact]
    public void SettingsArePrintedAsAFileThatIsRead()
    {
        CliRun printed = CliRun.Of("train", "prior", "--preset", "small_upsampler", "--print-settings", "--steps", "7");
        Assert.Equal(0, printed.ExitCode);
        Assert.Contains("\"steps\": 7,", printed.Output, StringComparison.Ordinal);
        Assert.Equal(printed.Output, CliRun.Of("train", "prior", "--settings", _folder.Write("s.json", printed.Output), "--print-settings").Output);
    }

    [Theory]
    [InlineData("vqvae")]
    [InlineData("prior")]
    [InlineData("export")]
    public void HelpEndsWithAnExample(string command) =>
        Assert.Contains($"Example:\n  jukebox-native train {command} ", CliRun.Of("train", command, "--help").Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);

    private static void AssertSaid(CliRun run, int code, string said)
    {
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Equal(code, run.ExitCode);
        Assert.DoesNotContain("fault of this program", run.Error, StringComparison.Ordinal);
    }

    private static CliRun Prior(params string[] args) => CliRun.Of(["train", "prior", .. args]);

    private CliRun VqVae(params string[] args) => CliRun.Of(["train", "vqvae", "--output", _folder["run"], .. args]);

    private void WriteWave(string name, int samples)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        using WaveWriter writer = WaveWriter.Create(_folder[name], 22050);
        writer.Write(new float[samples]);
        writer.Flush();
    }
}
