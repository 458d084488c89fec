using System.Text.Json;
using Jukebox.Audio.Writing;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Devices;
using Xunit;

namespace Jukebox.Tests.Cli;

/// <summary>The commands, end to end and in this process, on a model of random numbers.</summary>
public sealed class CommandTests : IDisposable
{
    private readonly NoiseSong _song = new();

    public void Dispose() => _song.Dispose();

    [Fact]
    public void SampleWritesAWaveFilePerLevelAndPrintsTheirPaths()
    {
        CliRun run = _song.Sample("song", "--artist", "Gaussian Noise", "--genre", "Static", "--lyrics", "la la");
        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
        string[] paths = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Equal([2, 1, 0], paths.Select((path, i) => path == SongFolder.WavePath(_song.In("song"), 2 - i, 0) ? 2 - i : -1));
        int samples = SongFolder.ReadCodes(_song.In("song"), 2)[0].Length * 256;
        Assert.All(paths, path => Assert.Equal(samples, WaveFile.Read(path, out _, out _).Length));
        Assert.Contains("seed 1", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheOriginalsFlagsMakeTheSameSong()
    {
        _song.Sample("ours");
        CliRun theirs = CliRun.Of(
            "sample", "--model", NoiseSong.Model, "--mode=ancestral", "--levels=3", "--sr=44100", "--n_samples=1", "--hop_fraction=.5,.5,.125",
            $"--sample_length_in_seconds={NoiseSong.Seconds}", "--total_sample_length_in_seconds=180", "--seed=1", $"--name={_song.In("theirs")}");
        Assert.Equal((0, ""), (theirs.ExitCode, theirs.ExitCode == 0 ? "" : theirs.Error));
        Assert.Equal(SongFolder.ReadCodes(_song.In("ours"), 0), SongFolder.ReadCodes(_song.In("theirs"), 0));
    }

    [Fact]
    public void ASongIsNotOverwrittenWithoutForce()
    {
        _song.Sample("song", "--levels", "1");
        CliRun second = _song.Sample("song", "--levels", "1");
        Assert.Equal(1, second.ExitCode);
        Assert.Contains("--force", second.Error, StringComparison.Ordinal);
        Assert.Equal(0, _song.Sample("song", "--levels", "1", "--force").ExitCode);
    }

    [Fact]
    public void ContinueKeepsTheCodesAndAddsToThem()
    {
        _song.Sample("song", "--levels", "1");
        CliRun run = CliRun.Of("continue", _song.In("song"), "--more-seconds", "0.2", "--levels", "1", "--output", _song.In("longer"));
        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
        int[] before = SongFolder.ReadCodes(_song.In("song"), 2)[0], after = SongFolder.ReadCodes(_song.In("longer"), 2)[0];
        Assert.True(after.Length > before.Length);
        Assert.Equal(before, after[..before.Length]);
    }

    [Fact]
    public void UpsampleOfADraftEqualsTheSongSampledAtOnce()
    {
        _song.Sample("whole");
        _song.Sample("draft", "--levels", "1");
        CliRun run = CliRun.Of("upsample", _song.In("draft"), "--output", _song.In("fine"));
        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
        Assert.Equal(SongFolder.ReadCodes(_song.In("whole"), 0), SongFolder.ReadCodes(_song.In("fine"), 0));
    }

    [Fact]
    public void EncodeAndDecodeKeepTheLengthAndContinueReadsTheCodes()
    {
        var audio = new float[44100 / 2];
        for (int i = 0; i < audio.Length; i++)
        {
            audio[i] = MathF.Sin(i * 0.05f) / 2;
        }

        WaveFile.Write(_song.In("tone.wav"), audio, 44100);
        Assert.Equal(0, CliRun.Of("encode", _song.In("tone.wav"), "--model", NoiseSong.Model, "--output", _song.In("codes")).ExitCode);
        CliRun decoded = CliRun.Of("decode", _song.In("codes"), "--level", "1", "--output", _song.In("decoded"));
        Assert.Equal(audio.Length / 256 * 256, WaveFile.Read(decoded.Output.Trim(), out _, out _).Length);

        CliRun primed = _song.Sample("primed", "--prompt", _song.In("tone.wav") + "@0.1-0.3", "--levels", "1");
        Assert.Equal((0, ""), (primed.ExitCode, primed.ExitCode == 0 ? "" : primed.Error));
        CliRun longer = CliRun.Of("sample", "--codes_file", _song.In("codes"), "--mode", "continue", "--model", NoiseSong.Model, "--seconds", "0.6", "--levels", "1", "-o", _song.In("longer"));
        Assert.Equal((0, ""), (longer.ExitCode, longer.ExitCode == 0 ? "" : longer.Error));
        int[] codes = SongFolder.ReadCodes(_song.In("codes"), 2)[0];
        Assert.Equal(codes, SongFolder.ReadCodes(_song.In("longer"), 2)[0][..codes.Length]);
    }

    [Fact]
    public void AModelFindsItsOwnSongLikelierThanKnowingNothingWould()
    {
        _song.Sample("song", "--levels", "1");
        JsonElement score = CliRun.JsonOf("score", _song.In("song"), "--json")[0];
        double bits = score.GetProperty("bits_per_token").GetDouble(), uniform = score.GetProperty("uniform_bits").GetDouble();
        Assert.InRange(bits, 1, uniform);
    }

    [Fact]
    public void LabelsFindsMisspeltNamesAndSaysWhatTheyAreAtEachLevel()
    {
        JsonElement report = CliRun.JsonOf("labels", "gausian", "--artist", "Gaussian Noise", "--genre", "static hum", "--model", NoiseSong.Model, "--json");
        Assert.Equal("gaussian noise", report.GetProperty("hits")[0].GetProperty("name").GetString());
        JsonElement levels = report.GetProperty("levels");
        Assert.Equal([2, 2, 2], levels.EnumerateArray().Select(level => level.GetProperty("artist_id").GetInt32()));
        Assert.Equal([2, 4], levels[1].GetProperty("genre_ids").EnumerateArray().Select(id => id.GetInt32()));
        Assert.Equal(1, levels[0].GetProperty("warnings").GetArrayLength());
    }

    [Fact]
    public void PlanCountsTokensWithoutSamplingAny()
    {
        JsonElement plan = CliRun.JsonOf("plan", "--model", NoiseSong.Model, "--seconds", "2", "--count", "3", "--tokens-per-second", "100", "--json");
        JsonElement finest = plan.GetProperty("levels")[2];
        Assert.Equal(3 * 344 * 16, finest.GetProperty("new_tokens").GetInt32());
        Assert.Equal(3 * 344 * 16 / 100.0, finest.GetProperty("computing_seconds").GetDouble(), precision: 6);
        Assert.Equal(180, plan.GetProperty("total_seconds").GetDouble());
        Assert.True(plan.GetProperty("memory_bytes").GetInt64() > 0);
    }

    [Fact]
    public void BenchMeasuresEveryPhaseOfALevelBesideTheMachinesLimits()
    {
        JsonElement report = CliRun.JsonOf("bench", "--model", NoiseSong.Model, "--level", "1", "--prime", "32", "--decode", "8", "--batch-size", "2", "--json");
        Assert.Equal(["prime", "decode", "vqvae-encode", "vqvae-decode"], report.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("phase").GetString()));
        double read = report.GetProperty("read_bytes_per_second").GetDouble(), peak = report.GetProperty("peak_operations_per_second").GetDouble();
        Assert.All(report.GetProperty("rows").EnumerateArray(), row =>
        {
            Assert.Equal(row.GetProperty("bytes_per_second").GetDouble() / read, row.GetProperty("bandwidth_share").GetDouble(), precision: 9);
            Assert.Equal(row.GetProperty("operations_per_second").GetDouble() / peak, row.GetProperty("peak_share").GetDouble(), precision: 9);
            Assert.True(row.GetProperty("limit_share").GetDouble() > 0);
        });
        Assert.True(report.GetProperty("levels")[0].GetProperty("computing_seconds_per_audio_second").GetDouble() > 0);
    }

    [Fact]
    public void BenchMeasuresStepsOfTraining()
    {
        JsonElement report = CliRun.JsonOf("bench", "--train", "--model", NoiseSong.Model, "--level", "0", "--batch-size", "2", "--device", "cpu", "--json");
        Assert.Equal(["train", "train-vqvae"], report.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("phase").GetString()));
        Assert.All(report.GetProperty("rows").EnumerateArray(), row => Assert.True(row.GetProperty("peak_share").GetDouble() > 0));
        Assert.Equal(2, CliRun.Of("bench", "--preset", "tiny_top").ExitCode);
    }

    [Fact]
    public void BenchOfAPublishedShapeDeletesItsWeights()
    {
        string scratch = _song.In("scratch");
        CliRun run = CliRun.Of(new MachineResources(() => long.MaxValue, _ => 1000), "bench", "--shape", "upsampler", "--scratch", scratch);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("are free at", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch));
    }

    [Fact]
    public void InfoTellsTheWindowOfEachLevel()
    {
        JsonElement info = CliRun.JsonOf("info", NoiseSong.Model, "--json");
        Assert.Equal([65536.0 / 44100, 16384.0 / 44100, 4096.0 / 44100], info.GetProperty("levels").EnumerateArray().Select(level => level.GetProperty("window_seconds").GetDouble()));
    }

    [Theory]
    [InlineData("info")]
    [InlineData("encode")]
    [InlineData("decode")]
    [InlineData("sample")]
    [InlineData("continue")]
    [InlineData("upsample")]
    [InlineData("score")]
    [InlineData("evaluate")]
    [InlineData("labels")]
    [InlineData("plan")]
    [InlineData("bench")]
    public void EveryCommandHasHelpWithAnExample(string command)
    {
        CliRun run = CliRun.Of(command, "--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains($"Example:\n  jukebox-native {command} ", run.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }
}
