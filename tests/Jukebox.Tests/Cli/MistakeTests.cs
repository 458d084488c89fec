using Jukebox.Audio.Writing;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>The six mistakes that people make most, and a few more: each ends in one sentence that names the fix.</summary>
public sealed class MistakeTests : IDisposable
{
    private readonly NoiseSong _song = new();

    public void Dispose() => _song.Dispose();

    [Theory]
    [InlineData("2..4")]
    [InlineData("0.1")]
    [InlineData("0.3-0.1")]
    public void AStretchThatCannotBeReadIsNotTheWholeSong(string range)
    {
        _song.Sample("draft", "--levels", "1");
        CliRun run = CliRun.Of("upsample", _song.In("draft"), "--range", range, "--output", _song.In("fine"));
        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"--range {range}: give it as START-END in seconds with a decimal point, 2-4.5 say, the end after the start.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fault of this program", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_song.In("fine")));
    }

    [Fact]
    public void ASongIsNotDeletedForItsOwnContinuation()
    {
        _song.Sample("song", "--levels", "1");
        byte[] codes = File.ReadAllBytes(_song.In("song", "codes", "level_2.codes"));
        CliRun run = CliRun.Of("upsample", _song.In("song"), "--output", _song.In("song"), "--force");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("would be deleted, and the song is made from it; choose another folder with --output.", run.Error, StringComparison.Ordinal);
        Assert.Equal(codes, File.ReadAllBytes(_song.In("song", "codes", "level_2.codes")));
    }

    /// <summary>What is not named anew is as the chosen item has it, however many are made of it.</summary>
    [Fact]
    public void NewLabelsKeepWhatTheChosenItemsHave()
    {
        string request = _song.In("request.json");
        File.WriteAllText(request, """{"labels": [{"artist": "unknown", "genre": "unknown", "lyrics": "first"}, {"artist": "unknown", "genre": "unknown", "lyrics": "second"}]}""");
        Assert.Equal(0, _song.Sample("two", "--levels", "1", "--count", "2", "--request", request, "--allow-unknown").ExitCode);
        CliRun run = CliRun.Of("upsample", _song.In("two"), "--items", "1", "--count", "3", "--genre", "jazz", "--allow-unknown", "--output", _song.In("three"));
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(Enumerable.Repeat(new SongLabel("unknown", "jazz", "second"), 3), SongFolder.ReadDescription(_song.In("three")).Request.Labels!);
    }

    [Fact]
    public void AnUnknownArtistNamesTheNearest() => AssertRefused(
        _song.Sample("song", "--artist", "gausian noise"),
        "The v3 artists of level 2 have no 'gausian noise': did you mean 'gaussian noise'? With --allow-unknown it counts as unknown.");

    [Fact]
    public void ANameFromTheOtherTableNamesTheRightSpelling() => AssertRefused(
        _song.Sample("song", "--artist", "gaussian_noise"),
        "The v3 artists of level 2 have no 'gaussian_noise': did you mean 'gaussian noise'? With --allow-unknown it counts as unknown.");

    [Fact]
    public void ATotalLengthOutsideTheModelsRangeNamesTheRange() => AssertRefused(
        _song.Sample("song", "--total-seconds", "0.5"),
        "a total length of 0.50 s is outside the model's range: it knows songs of 1 s up to (not including) 600 s; "
        + "change the total length (--total-seconds), which is a label and not the length of the audio.");

    [Fact]
    public void AHopThatIsNoMultipleOfTheUpsamplingFactorNamesFractionsThatWork() => AssertRefused(
        _song.Sample("song", "--hop_fraction", ".31,.5,.5"),
        "level 0: a hop fraction of 0.31 gives windows 79 tokens apart, which is not a multiple of the upsampling factor 4; "
        + "the nearest fractions that work are 0.3 and 0.313.");

    [Fact]
    public void UpsamplingLessThanAWindowNamesTheLeastLength() => AssertRefused(
        CliRun.Of("sample", "--device", "cpu", "--model", NoiseSong.Model, "--seconds", "0.3", "--output", _song.In("song")),
        "level 1 can only be upsampled in windows of 0.37 s, but the song has 0.30 s; ask for at least 0.38 seconds, or leave the level out.");

    [Fact]
    public void ATruncatedWeightFileIsNamedWithBothLengths()
    {
        NoiseModel.Write(_song.In("damaged"));
        string path = _song.In("damaged", "prior_2.safetensors");
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(1000);
        }

        CliRun run = CliRun.Of("sample", "--device", "cpu", "--model", _song.In("damaged"), "--seconds", NoiseSong.Seconds, "--output", _song.In("song"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{path}, byte 1000: it has 1000 bytes, model.json says 1022144", run.Error, StringComparison.Ordinal);
        Assert.Contains("convert the checkpoint again", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void NotEnoughMemoryNamesBothNumbers()
    {
        CliRun run = CliRun.Of(
            new MachineResources(() => 100_000_000, _ => long.MaxValue),
            "sample", "--device", "cpu", "--model", NoiseSong.Model, "--seconds", "2", "--count", "4", "--output", _song.In("song"));
        Assert.Equal(1, run.ExitCode);
        Assert.Matches(@"^Not enough memory: level 2 needs 3\d\d MB and 100 MB are available; use a smaller --batch-size than 4\.$", run.Error.Trim());
        Assert.False(Directory.Exists(_song.In("song")), "a refused song leaves nothing behind");
    }

    [Fact]
    public void NotEnoughDiskNamesBothNumbers() => AssertRefused(
        CliRun.Of(
            new MachineResources(() => long.MaxValue, _ => 1000),
            "sample", "--device", "cpu", "--model", NoiseSong.Model, "--seconds", "2", "--output", _song.In("song")),
        $"Not enough disk space: the song needs 658 kB and 1.0 kB are free at '{_song.In("song")}'; make room, or choose another --output.");

    [Fact]
    public void EncodeNeedsRoomForItsCodesBeforeItStarts()
    {
        string audio = _song.In("tone.wav");
        WaveFile.Write(audio, new float[44100 * 3], 44100);
        CliRun Encode(long freeBytes, string output) => CliRun.Of(
            new MachineResources(() => long.MaxValue, _ => freeBytes), "encode", audio, "--device", "cpu", "--model", NoiseSong.Model, "--output", _song.In(output));
        Assert.Equal(0, Encode(long.MaxValue, "codes").ExitCode);
        long written = Directory.GetFiles(_song.In("codes", "codes")).Sum(file => new FileInfo(file).Length);
        AssertRefused(
            Encode(written - 1, "more"),
            $"Not enough disk space: the codes need {Readable.Bytes(written)} and {Readable.Bytes(written - 1)} are free at '{_song.In("more")}'; make room, or choose another --output.");
        Assert.False(Directory.Exists(_song.In("more")), "what is refused leaves nothing behind");
        Assert.Equal(0, Encode(written, "more").ExitCode);
    }

    [Fact]
    public void APromptShorterThanItsStretchNamesWhatThereIs()
    {
        string prompt = _song.In("prompt.wav");
        using (WaveWriter wave = WaveWriter.Create(prompt, 44100))
        {
            wave.Write(new float[44100]);
        }

        AssertRefused(
            _song.Sample("song", "--prompt", prompt + "@0.5-1.5"),
            $"{prompt} has 0.50 s from 0.50 s on, but the prompt was to have 1.00 s.");
    }

    [Fact]
    public void SomethingThatIsNoNumberIsNamedInPlainWords()
    {
        CliRun run = CliRun.Of("sample", "--seconds", "ten");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("--seconds ten: a number is expected, from 0.001 to 1000000.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void LyricsThatCannotBeSpeltAreNamed() => Assert.Contains(
        "Level 2 cannot spell all of the lyrics: 'ß' becomes 'ss', '#' is dropped.",
        _song.Sample("song", "--lyrics", "Straße #").Error,
        StringComparison.Ordinal);

    private void AssertRefused(CliRun run, string message)
    {
        Assert.Equal(message, run.Error.Trim());
        Assert.Equal(1, run.ExitCode);
        Assert.Empty(run.Output);
        Assert.False(Directory.Exists(_song.In("song")), "a refused song leaves nothing behind");
    }
}
