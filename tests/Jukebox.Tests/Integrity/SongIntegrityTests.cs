using System.Diagnostics;
using System.Text.Json;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Integrity;

/// <summary>What the commands make of songs that are unfinished, of another model, edited by hand, or links to elsewhere.</summary>
public sealed class SongIntegrityTests : IDisposable
{
    private readonly NoiseSong _song = new();

    private string Song => _song.In("song");

    private string Description => Path.Combine(Song, "song.json");

    public void Dispose() => _song.Dispose();

    [Fact]
    public void VerifySaysWhichFileOfASongIsNotWhatWasWrittenAndResumeMakesItAnew()
    {
        Assert.Equal(0, _song.Sample("song").ExitCode);
        Assert.Equal((0, $"{Song}: the song is whole."), Verified());
        string wave = SongFolder.WavePath(Song, 1, 0);
        byte[] bytes = File.ReadAllBytes(wave), damaged = [.. bytes];
        damaged[^7] ^= 1;
        File.WriteAllBytes(wave, damaged);
        (int code, string said) = Verified();
        Assert.Equal(1, code);
        Assert.StartsWith($"{wave}: it is not what was written, as its checksum tells; 'jukebox-native sample --resume {Song}' makes it anew from the codes.", said);
        JsonElement report = JsonDocument.Parse(CliRun.Of("verify", "--json", Description).Output).RootElement;
        Assert.Equal(("song", false, 1), (report.GetProperty("kind").GetString(), report.GetProperty("is_whole").GetBoolean(), report.GetProperty("problems").GetArrayLength()));

        Assert.Equal(0, CliRun.Of("sample", "--resume", Song).ExitCode);
        Assert.Equal(bytes, File.ReadAllBytes(wave));
        Assert.Equal(0, Verified().Code);
        Assert.Equal(1, CliRun.Of("verify", _song.In("nothing")).ExitCode);
    }

    [Fact]
    public void AnUnfinishedSongIsToldOfByDecodeScoreAndVerify()
    {
        Assert.Equal(0, _song.Sample("song").ExitCode);
        string journal = SongFolder.JournalPath(Song, 0);
        File.WriteAllBytes(journal, File.ReadAllBytes(journal)[..^200]);
        string sentence = $"'{Song}' is unfinished: level 0 has 1076 of 1088 tokens, 0.39 of 0.39 s;";
        Assert.All([CliRun.Of("decode", Song, "--output", _song.In("decoded")), CliRun.Of("score", Song, "--level", "2")], run =>
        {
            Assert.Equal(0, run.ExitCode);
            Assert.Contains(sentence, run.Error);
            Assert.Contains($"'jukebox-native sample --resume {Song}' goes on with it.", run.Error);
        });
        (int code, string said) = Verified();
        Assert.Equal(1, code);
        Assert.Contains("samples, and the codes of its level make 17216; ", said);
        Assert.Contains(sentence, said);
    }

    [Fact]
    public void ASongOfAnotherModelIsRefusedByEveryCommandThatReadsItsCodes()
    {
        Assert.Equal(0, _song.Sample("song").ExitCode);
        string other = _song.In("other");
        RandomModel.Write(other, NoiseModel.Description, 99, Jukebox.Core.Tensors.ElementType.F32);
        foreach (string[] command in (string[][])[["score", Song], ["decode", Song], ["continue", Song, "--output", _song.In("c")], ["sample", "--resume", Song]])
        {
            CliRun run = CliRun.Of([.. command, "--model", other, "--device", "cpu"]);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains("made with the model 'noise'", run.Error);
        }
    }

    [Theory]
    [InlineData("\"sample_rate_hz\": 44100", "\"sample_rate_hz\": 22050", "the description of")]
    [InlineData("\"sample_rate_hz\": 44100", "\"sample_rate_hz\": 1e300", "it is not valid")]
    [InlineData("\"temperature\": 0.99", "\"temperature\": -1", "the temperature must be more than 0")]
    [InlineData("\"known_tokens\": [", "\"known_tokens\": [ 1,", "numbers of known")]
    [InlineData("\"known_tokens\": [", "\"known_tokens\": null, \"x\": [", "it is not valid")]
    [InlineData("\"seed\": 1", "\"seed\": null", "it has no seed")]
    [InlineData("\"mode\": \"Ancestral\"", "\"mode\": 17", "it has no mode that there is")]
    [InlineData("\"prime_chunk\": 256", "\"prime_chunk\": 0", "its priming chunk")]
    [InlineData("\"sample_length\": ", "\"sample_length\": -", "its length is -")]
    [InlineData("\"total_seconds\": 180", "\"total_seconds\": 1e999", "it has no total length")]
    [InlineData("\"items\": [", "\"items\": [ 0,", "its items are not different numbers")]
    [InlineData("\"labels\": [", "\"labels\": [ null,", "it has not one label for each item")]
    [InlineData("\"levels\": [", "\"levels\": [ null,", "it has not one entry of settings")]
    public void AnEditThatMakesNoSenseIsToldInASentence(string original, string replacement, string expected)
    {
        Assert.Equal(0, _song.Sample("song").ExitCode);
        SortedDictionary<string, byte[]> before = TemporaryFolder.Files(Song);
        string text = Unsealed.Read(Description);
        Assert.Contains(original, text);
        File.WriteAllText(Description, text.Replace(original, replacement, StringComparison.Ordinal));
        CliRun run = CliRun.Of("sample", "--resume", Song);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(expected, run.Error);
        Assert.DoesNotContain("a fault of this program", run.Error);
        SortedDictionary<string, byte[]> after = TemporaryFolder.Files(Song);
        Assert.All(before.Keys.Where(name => name != "song.json"), name => Assert.Equal(before[name], after[name]));
    }

    [SkippableFact]
    public void FilesThatAreLinksToElsewhereAreNotWrittenThrough()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a right there");
        Assert.Equal(0, _song.Sample("song").ExitCode);
        foreach (string file in (string[])[SongFolder.JournalPath(Song, 0), SongFolder.WavePath(Song, 2, 0)])
        {
            string elsewhere = _song.In("elsewhere");
            byte[] content = File.ReadAllBytes(file)[..^50];
            File.WriteAllBytes(elsewhere, content);
            byte[] own = File.ReadAllBytes(file);
            File.Delete(file);
            File.CreateSymbolicLink(file, elsewhere);
            CliRun run = CliRun.Of("sample", "--resume", Song);
            Assert.Equal(1, run.ExitCode);
            Assert.Contains($"{file} is a link to elsewhere", run.Error);
            Assert.Equal(content, File.ReadAllBytes(elsewhere));
            File.Delete(file);
            File.WriteAllBytes(file, own);
        }
    }

    [SkippableFact]
    public void FilesWithOtherNamesAreNotWrittenTo()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "names are counted there");
        Assert.Equal(0, _song.Sample("song").ExitCode);
        string journal = SongFolder.JournalPath(Song, 0), copy = _song.In("kept.codes");
        using (var link = System.Diagnostics.Process.Start("/bin/ln", [journal, copy]))
        {
            link.WaitForExit();
        }

        CliRun run = CliRun.Of("sample", "--resume", Song);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{journal} has another name elsewhere", run.Error);
        File.Delete(copy);
        Assert.Equal(0, CliRun.Of("sample", "--resume", Song).ExitCode);
    }

    [Fact]
    public void FoldersInPlaceOfFilesAndFilesInPlaceOfFoldersAreNamed()
    {
        Assert.Equal(0, _song.Sample("song").ExitCode);
        string wave = SongFolder.WavePath(Song, 2, 0), level = Path.GetDirectoryName(wave)!;
        File.Delete(wave);
        Directory.CreateDirectory(wave);
        Assert.Contains($"{wave}: it is a folder, and a file belongs there", CliRun.Of("verify", Song).Output);
        Directory.Delete(level, recursive: true);
        File.WriteAllText(level, "");
        CliRun run = CliRun.Of("sample", "--resume", Song);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{level} is a file, and a folder of the song belongs there", run.Error);
    }

    /// <summary>Whoever opens a pipe for reading waits for its writer, and a device may have no end.</summary>
    [SkippableFact]
    public void PipesAndDevicesAreNoDescriptions()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs mkfifo(1)");
        Directory.CreateDirectory(Song);
        using (Process made = Process.Start("mkfifo", [Description]))
        {
            made.WaitForExit();
        }

        Assert.Contains("not a file", Assert.Throws<DamagedFileException>(() => SongFolder.ReadDescription(Song)).Message);
        Directory.CreateDirectory(_song.In("model"));
        File.CreateSymbolicLink(_song.In("model", "model.json"), "/dev/zero");
        Assert.Throws<DamagedFileException>(() => ModelFolder.Open(_song.In("model")));
    }

    private (int Code, string Said) Verified()
    {
        CliRun run = CliRun.Of("verify", Song);
        return (run.ExitCode, run.Output.Trim());
    }
}
