using Jukebox.Audio.Writing;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>What a person's files and wishes can cause is told in a sentence; a wrong argument within the program is a fault of it.</summary>
public sealed class ExpectedFailureTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AWrongArgumentIsAFaultOfTheProgram()
    {
        var limits = new MachineResources(() => throw new ArgumentException("nobody knows"), _ => long.MaxValue);
        CliRun run = CliRun.Of(limits, "plan", "--model", NoiseModelFolder.Path, "--device", "cpu", "--no-time");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("ArgumentException: nobody knows (a fault of this program; --verbose shows where).", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ASongThatIsLongerThanTheModelKnowsIsNotScored()
    {
        ModelDescription noise = NoiseModel.Description;
        string model = ModelOf(noise with { Priors = [.. noise.Priors.Select(prior => prior with { Labels = prior.Labels! with { MaxDurationSeconds = 1.5 } })] });
        AssertSaid(
            CliRun.Of("score", Encoded(model, 2), "--model", model, "--device", "cpu", "--level", "2"),
            "A total length of 2 s is outside the model's range, from 1 s to less than 1.5 s; choose a total length within it");
    }

    [Fact]
    public void CodesThatJournalsDoNotHoldAreRefusedBeforeThereIsAFolder()
    {
        ModelDescription noise = NoiseModel.Description;
        string model = ModelOf(noise with { VqVae = noise.VqVae with { CodebookSize = 40_000 }, Priors = [] });
        AssertSaid(Encode(model, 1), "has 40000 codes a level, and songs hold at most 32767; use a model with fewer.");
        Assert.False(Directory.Exists(_folder["codes"]));
    }

    [Fact]
    public void LyricsThatHaveNoMiddleAreRefusedWithTheModel()
    {
        ModelDescription noise = NoiseModel.Description;
        string model = ModelOf(noise);
        PriorSpec[] odd = [.. noise.Priors.Select(prior => prior.LyricsLength > 0 ? prior with { LyricsLength = prior.LyricsLength - 1 } : prior)];
        (ModelDescription.Read(model) with { Priors = odd }).Write(model);
        AssertSaid(CliRun.Of("sample", "--model", model, "--device", "cpu", "--output", _folder["song"]), "tokens, which have no middle to be centred on");
    }

    /// <summary>Encoding was stopped before the level above was written: what has no code above it has no score.</summary>
    [Fact]
    public void CodesWithoutCodesAboveAreNotScored()
    {
        string song = Encoded(NoiseModelFolder.Path, 1);
        string[] score = ["score", song, "--model", NoiseModelFolder.Path, "--device", "cpu", "--level", "1"];
        Assert.Equal(0, CliRun.Of(score).ExitCode);
        string upper = SongFolder.JournalPath(song, 2);
        byte[] journal = File.ReadAllBytes(upper);
        File.WriteAllBytes(upper, journal[..^(2 * SongFolder.ReadCodes(song, 2)[0].Length)]);
        CliRun run = CliRun.Of(score);
        AssertSaid(run, "has no codes at a level that");
        Assert.Contains("is unfinished: level 2 has 0 of", run.Error, StringComparison.Ordinal);
    }

    private static void AssertSaid(CliRun run, string sentence)
    {
        Assert.True(run.ExitCode == 1, run.Error);
        Assert.Contains(sentence, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of this program", run.Error, StringComparison.Ordinal);
    }

    private string ModelOf(ModelDescription description)
    {
        RandomModel.Write(_folder["model"], description, seed: 1, ElementType.F32).Write(_folder["model"]);
        return _folder["model"];
    }

    private string Encoded(string model, int seconds)
    {
        CliRun run = Encode(model, seconds);
        Assert.True(run.ExitCode == 0, run.Error);
        return _folder["codes"];
    }

    private CliRun Encode(string model, int seconds)
    {
        WaveFile.Write(_folder["tone.wav"], new float[seconds * 44100], 44100);
        return CliRun.Of("encode", _folder["tone.wav"], "--model", model, "--device", "cpu", "--output", _folder["codes"]);
    }
}
