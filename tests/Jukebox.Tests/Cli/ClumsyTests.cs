using System.Text;
using Jukebox.Songs.Request;
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
}
