using System.Text;
using System.Text.Json;
using Jukebox.Audio.Writing;
using Jukebox.Core.Text;
using Jukebox.Recordings.Evaluation;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Studio.Recordings;
using Jukebox.Tests.Shipped;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>What hands slip into: files of the wrong kind, halves of options, JSON with holes.</summary>
public sealed class ClumsyTests
{
    [Fact]
    public void AnAtSignIsTextAndOpensNoFile()
    {
        using var folder = new TemporaryFolder();
        string more = folder.Write("more.txt", "--steps\n3\n");
        CliRun run = CliRun.Of("labels", "@" + more, "--model", ShippedModel.Folder);
        Assert.DoesNotContain("Response", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--steps", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"mode":99}""", "there is no mode 99")]
    [InlineData("""{"levels":[null]}""", "levels hold null")]
    [InlineData("""{"labels":[null]}""", "labels hold null")]
    [InlineData("""{"prompts":[null]}""", "prompts hold null")]
    [InlineData("""{"levels":[{"level":1},{"level":1}]}""", "level 1 is set twice")]
    [InlineData("""{"seed":1,"seed":5}""", "the same name stands there twice")]
    [InlineData("""{"seconds":"3,5"}""", "a value is not of the kind that belongs there ($.seconds)")]
    [InlineData("""{"secnods":3}""", "nothing of that name is known ($.secnods)")]
    [InlineData("{", "it ends too early")]
    [InlineData("", "it ends too early")]
    [InlineData("{]", "it is not JSON")]
    public void ARequestWithAHoleIsRefusedInWordsOfJson(string json, string said)
    {
        string message = Assert.Throws<Songs.SamplingException>(() => SampleRequest.Parse(Encoding.UTF8.GetBytes(json), "r.json")).Message;
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain("Jukebox", message, StringComparison.Ordinal);
        Assert.DoesNotContain(".NET", message, StringComparison.Ordinal);
    }

    /// <summary>What the program itself says of a value is not taken for a mistake in JSON.</summary>
    [Fact]
    public void ARowOfAnAlignmentThatIsNoneIsToldAsSuch()
    {
        JsonException mistake = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<AlignmentRow[]>("[[1], 3]"));
        Assert.Equal("line 1, byte 8: a row must be an array of numbers ($[1])", JsonMistake.Of(mistake));
    }

    [Theory]
    [InlineData("--mode", "7", "there is no such mode")]
    [InlineData("--mode", "Primed,Continue", "there is no such mode")]
    [InlineData("--audio-file", ",", "--audio-file names no file")]
    [InlineData("--prompt", "x.wav@1,5-3", "is no stretch of time")]
    [InlineData("--prompt", "x.wav@1e0-2e0", "is no stretch of time")]
    public void HalvesOfOptionsAreRefused(string option, string value, string said)
    {
        using var folder = new TemporaryFolder();
        CliRun run = CliRun.Of("sample", "--model", ShippedModel.Folder, option, value, "--output", folder["song"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["song"]));
    }

    [Fact]
    public void LyricsThatAreNoTextAreRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["lyrics.txt"], Encoding.Unicode.GetBytes("in another encoding"));
        string message = Assert.Throws<Core.Errors.DamagedFileException>(() => Core.Files.TextFile.Read(folder["lyrics.txt"], 1000, "save it as UTF-8")).Message;
        Assert.Contains("byte 1: it is not UTF-8 text, but bytes of another kind; save it as UTF-8", message, StringComparison.Ordinal);
    }

    /// <summary>Audio whose codes or whose checksum is gone is not what can be vouched for.</summary>
    [Theory]
    [InlineData("codes/level_0.codes", "the codes of its level make 0")]
    [InlineData("codes/derived.sums", "its checksum is lost, or damaged")]
    public void ASongWithoutItsCodesOrChecksumsIsNotWhole(string file, string said)
    {
        using var folder = new TemporaryFolder();
        string model = folder["model"], song = folder["song"];
        Assert.Equal(0, CliRun.Of("random-model", "noise", model).ExitCode);
        Assert.Equal(0, CliRun.Of("sample", "--model", model, "--seconds", "1", "--seed", "1", "--output", song).ExitCode);
        Assert.Equal(0, CliRun.Of("verify", song).ExitCode);
        File.Delete(Path.Combine(song, file));
        CliRun verified = CliRun.Of("verify", song);
        Assert.Equal(1, verified.ExitCode);
        Assert.Contains(said, verified.Output + verified.Error, StringComparison.Ordinal);
        Assert.Equal(0, CliRun.Of("sample", "--resume", song).ExitCode);
        Assert.Equal(0, CliRun.Of("verify", song).ExitCode);
    }

    /// <summary>A list of tables stands in the description: one that is gone would make every name unknown.</summary>
    [Fact]
    public void AModelWhoseTableOfNamesIsGoneIsRefused()
    {
        using var folder = new TemporaryFolder();
        string model = CopyOfShipped(folder);
        File.Delete(Path.Combine(model, "labels", "v3_artist_ids.txt"));
        foreach (string[] command in (string[][])[["sample", "--seconds", "1", "--output", folder["song"]], ["labels", "Bach"]])
        {
            CliRun run = CliRun.Of([.. command, "--model", model]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("v3_artist_ids.txt: the file is missing", run.Error, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(folder["song"]));
    }

    [Theory]
    [InlineData("""{"levels":[{"level":7,"temperature":0.5}]}""", "there is no level 7; the model has levels 0 to 2")]
    [InlineData("""{"levels":[{"level":-1}]}""", "there is no level -1")]
    [InlineData("""{"sample_levels":[2,3]}""", "there is no level 3")]
    public void ALevelThatAModelDoesNotHaveIsRefused(string request, string said)
    {
        using var folder = new TemporaryFolder();
        CliRun run = CliRun.Of("sample", "--request", folder.Write("request.json", request), "--model", ShippedModel.Folder, "--seconds", "1", "--output", folder["song"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.OrdinalIgnoreCase);
        Assert.False(Directory.Exists(folder["song"]));
    }

    [Theory]
    [InlineData("sample", "--temp", "1,1,1,1,1", "has 5 values, and the model has 3 levels")]
    [InlineData("plan", "--tokens-per-second", "10,20", "has 2 values, and the model has 3 levels")]
    public void AsManyValuesAsLevelsAreTaken(string command, string option, string values, string said)
    {
        using var folder = new TemporaryFolder();
        CliRun run = CliRun.Of(command, option, values, "--model", ShippedModel.Folder, "--seconds", "4", "--output", folder["song"]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void AStretchThatEndsBeforeItStartsIsToldInTheOptionsWords()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(0, CliRun.Of("random-model", "noise", folder["model"]).ExitCode);
        Assert.Equal(0, CliRun.Of("sample", "--model", folder["model"], "--seconds", "1", "--seed", "1", "--output", folder["song"]).ExitCode);
        foreach (string range in (string[])["2-1", "1,5-2", "x"])
        {
            CliRun run = CliRun.Of("upsample", folder["song"], "--range", range, "--output", folder["fine"]);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains($"--range {range}: give it as START-END", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NoOptionIsSuggestedForAShortWordThatStrayed()
    {
        string said = CliRun.Of("plan", "a", "b").Error;
        Assert.DoesNotContain("Did you mean", said, StringComparison.Ordinal);
        Assert.Contains("--secnds", CliRun.Of("plan", "--secnds", "3").Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ANameThatIsNotUtf8IsToldApartFromOneThatIsNotThere()
    {
        CliRun run = CliRun.Of("encode", "caf\uFFFD.wav", "--output", "song");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("the name is not UTF-8", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ASettingBeyondAllNumbersIsNotPrinted()
    {
        using var folder = new TemporaryFolder();
        CliRun run = CliRun.Of("train", "vqvae", "--settings", folder.Write("s.json", """{"rate":{"learning_rate":1e999}}"""), "--print-settings");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("beyond all numbers", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void RowsOfATableThatNameNothingAreTold()
    {
        using var folder = new TemporaryFolder();
        string recordings = folder["recordings"];
        Directory.CreateDirectory(recordings);
        WaveFile.Write(Path.Combine(recordings, "a.wav"), new TestRandom(4).Floats(5000, 0.1f), 22050);
        File.WriteAllText(Path.Combine(recordings, "manifest.tsv"), "file\tartist\na.wav\tme\nb.wav\tyou\n");
        var notes = new List<string>();
        EvaluationTrack track = Assert.Single(RecordingFinder.Find([recordings], null, null, notes.Add, default));
        Assert.Equal("me", track.Label.Artist);
        Assert.Contains("1 of its 2 rows names no recording that is there, the first in line 3: 'b.wav'", Assert.Single(notes), StringComparison.Ordinal);

        // A table beside a single file is of its neighbours too; one that was named is of what was named.
        notes.Clear();
        RecordingFinder.Find([Path.Combine(recordings, "a.wav")], null, null, notes.Add, default);
        Assert.Empty(notes);
        RecordingFinder.Find([Path.Combine(recordings, "a.wav")], Path.Combine(recordings, "manifest.tsv"), null, notes.Add, default);
        Assert.Single(notes);
    }

    private static string CopyOfShipped(TemporaryFolder folder)
    {
        string model = folder["model"];
        foreach (string file in Directory.EnumerateFiles(ShippedModel.Folder, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(model, Path.GetRelativePath(ShippedModel.Folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        return model;
    }
}
