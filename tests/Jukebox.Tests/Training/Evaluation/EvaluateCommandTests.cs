using System.Text.Json;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Evaluation;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Training.Evaluation;

/// <summary>The command, end to end on a model of random numbers, against the same figures computed directly.</summary>
public sealed class EvaluateCommandTests : IDisposable
{
    private const int RateHz = 44100;

    private readonly NoiseSong _song = new();

    public EvaluateCommandTests()
    {
        Write("a.wav", 1, 0.4);
        Write("b.wav", 2, 0.3);
    }

    public void Dispose() => _song.Dispose();

    [Fact]
    public void FiguresOfTheVqVaeEqualDirectComputation()
    {
        JsonElement report = Evaluate(_song.In("audio"), "--no-priors");
        Assert.Equal(2, report.GetProperty("files").GetArrayLength());
        using var backend = new CpuBackend();
        using var folder = ModelFolder.Open(NoiseSong.Model);
        using var vqvae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae);
        for (int level = 0; level < 3; level++)
        {
            var meter = new ReconstructionMeter();
            var all = new List<int>();
            foreach (string name in (string[])["a.wav", "b.wav"])
            {
                float[] audio = AudioFile.Load(new AudioRange(_song.In("audio", name)), RateHz);
                audio = audio[..(audio.Length / 256 * 256)];
                int[] codes = vqvae.Encode(level, audio);
                meter.Add(audio, vqvae.Decode(level, codes));
                all.AddRange(codes);
            }

            JsonElement measured = report.GetProperty("levels")[level];
            double entropy = all.GroupBy(code => code).Sum(same => -(double)same.Count() / all.Count * Math.Log2((double)same.Count() / all.Count));
            Assert.Equal(all.Count, measured.GetProperty("tokens").GetInt32());
            Assert.Equal(meter.Quality.SignalToNoiseDecibels!.Value, measured.GetProperty("snr_db").GetDouble(), 1e-9);
            Assert.Equal(meter.Quality.SpectralConvergence!.Value, measured.GetProperty("spectral_convergence").GetDouble(), 1e-9);
            Assert.Equal(all.Distinct().Count() / 256.0, measured.GetProperty("used_share").GetDouble(), 1e-12);
            Assert.Equal(entropy, measured.GetProperty("entropy_bits").GetDouble(), 1e-9);
            Assert.Equal(Math.Pow(2, entropy), measured.GetProperty("perplexity").GetDouble(), 1e-6);
            Assert.False(measured.TryGetProperty("bits_per_token", out _));
        }
    }

    [Fact]
    public void BitsPerTokenAreThoseOfTheLogitsWithTheTablesLabels()
    {
        File.WriteAllText(_song.In("table.tsv"), "file\tartist\tgenre\tsplit\na.mid\tGaussian Noise\tHum\tvalid\nb.mid\t-\t-\ttrain\n");
        JsonElement report = Evaluate(_song.In("audio"), "--manifest", _song.In("table.tsv"), "--split", "valid");
        JsonElement file = Assert.Single(report.GetProperty("files").EnumerateArray());
        Assert.Equal(("Gaussian Noise", "Hum"), (file.GetProperty("artist").GetString(), file.GetProperty("genre").GetString()));

        using var backend = new CpuBackend();
        using var folder = ModelFolder.Open(NoiseSong.Model);
        using var vqvae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae);
        float[] audio = AudioFile.Load(new AudioRange(_song.In("audio", "a.wav")), RateHz);
        int[] codes = vqvae.Encode(2, audio.AsMemory(0, audio.Length / 256 * 256));
        PriorSpec spec = folder.PriorOf(2);
        var labels = ItemLabels.Build(spec, 256, LabelTables.Open(folder.Path), new LabelRequest
        {
            Artist = "Gaussian Noise",
            Genre = "Hum",
            TotalSamples = RateHz, // the shortest song that the model knows
        });
        using var prior = Prior.Load(backend, folder, 2);
        using PriorRun run = prior.CreateRun(1);
        float[] logits = run.Logits(new PriorWindow
        {
            StartToken = 0,
            Items = [0],
            Labels = [labels.ForWindow(0).Row],
            Known = [codes],
            Rule = new SamplingRule(),
            Seed = 0,
        })[0];
        double expected = codes.Select((code, t) => Bits(logits.AsSpan((spec.LyricsLength + t) * spec.VocabularySize, spec.VocabularySize), code + spec.VocabularySize - spec.CodebookSize)).Average();
        JsonElement top = report.GetProperty("levels")[2];
        Assert.Equal(expected, top.GetProperty("bits_per_token").GetDouble(), 1e-6);
        Assert.Equal(1 - (expected / top.GetProperty("entropy_bits").GetDouble()), top.GetProperty("below_entropy").GetDouble(), 1e-6);
        Assert.All(report.GetProperty("levels").EnumerateArray(), level => Assert.True(level.GetProperty("bits_per_token").GetDouble() > 0));
    }

    [Fact]
    public void SecondsCapWhatIsTakenAndOutputHoldsWhatIsDecoded()
    {
        JsonElement report = Evaluate(_song.In("audio", "a.wav"), "--no-priors", "--seconds", "0.2", "--output", _song.In("decoded"));
        int samples = (int)(0.2 * RateHz) / 256 * 256;
        Assert.Equal((double)samples / RateHz, report.GetProperty("seconds").GetDouble(), 1e-9);
        Assert.All([0, 1, 2], level => Assert.Equal(samples, WaveFile.Read(_song.In("decoded", $"level_{level}", "a.wav"), out _, out _).Length));
    }

    /// <summary>What is there is asked for, and a recording is never written over.</summary>
    [Fact]
    public void ReconstructionsAreWrittenOverNothing()
    {
        string folder = _song.In("again"), file = _song.In("again", "level_0", "a.wav");
        string[] ask = ["evaluate", NoiseSong.Model, _song.In("audio", "a.wav"), "--no-priors", "--seconds", "0.2", "--output", folder];
        Assert.Equal(0, CliRun.Of(ask).ExitCode);
        byte[] first = File.ReadAllBytes(file);
        File.WriteAllText(file, "mine");
        CliRun refused = CliRun.Of(ask);
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains($"{file} is there already; choose another --output, or replace what is there with --force.", refused.Error, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Equal(0, CliRun.Of([.. ask, "--force"]).ExitCode);
        Assert.Equal(first, File.ReadAllBytes(file));

        CliRun own = CliRun.Of("evaluate", NoiseSong.Model, file, "--no-priors", "--output", _song.In("again", "level_1", ".."), "--force");
        Assert.Equal(1, own.ExitCode);
        Assert.Contains("is one of the recordings, and its reconstruction would be written over it", own.Error, StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllBytes(file));
    }

    [Fact]
    public void TheTableHasALineForEachLevel()
    {
        CliRun run = CliRun.Of("evaluate", NoiseSong.Model, _song.In("audio"), "--device", "cpu", "--no-priors");
        Assert.True(run.ExitCode == 0, run.Error);
        string[] lines = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.StartsWith("noise", lines[0], StringComparison.Ordinal);
        Assert.Contains("on 2 files, 0.7 s", lines[0], StringComparison.Ordinal);
        Assert.Equal(["0", "1", "2"], lines[2..].Select(line => line[..1]));
    }

    [Fact]
    public void FilesThatCannotBeMeasuredAreNamedAndTheRestMeasured()
    {
        Write("short.wav", 3, 0.01);
        File.WriteAllText(_song.In("audio", "text.wav"), "no audio");
        CliRun run = CliRun.Of("evaluate", NoiseSong.Model, _song.In("audio"), "--device", "cpu", "--no-priors", "--json");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("short.wav is too short", run.Error, StringComparison.Ordinal);
        Assert.Contains("text.wav", run.Error, StringComparison.Ordinal);
        Assert.Equal(2, JsonDocument.Parse(run.Output).RootElement.GetProperty("files").GetArrayLength());
    }

    [Theory]
    [InlineData(1, "There is no file or folder", "MODEL", "missing.wav")]
    [InlineData(1, "There is no model at", "nowhere", "AUDIO")]
    [InlineData(1, "There is no table 'none.tsv'", "MODEL", "AUDIO", "--manifest", "none.tsv")]
    [InlineData(1, "none of the recordings under the split 'valid'", "MODEL", "AUDIO", "--split", "valid")]
    [InlineData(2, "--hop-fraction 0: it must lie in 0.000001 to 1.", "MODEL", "AUDIO", "--hop-fraction", "0")]
    [InlineData(2, "--seconds -1: it must lie in 0.001 to 1000000.", "MODEL", "AUDIO", "--seconds", "-1")]
    [InlineData(2, "Required argument 'AUDIO' missing", "MODEL")]
    public void MistakesAreNamed(int exitCode, string message, params string[] args)
    {
        CliRun run = CliRun.Of(["evaluate", .. args.Select(arg => arg == "MODEL" ? NoiseSong.Model : arg == "AUDIO" ? _song.In("audio") : arg), "--device", "cpu"]);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    private static double Bits(ReadOnlySpan<float> logits, int token)
    {
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - logits[token]);
        }

        return Math.Log2(sum);
    }

    private static JsonElement Evaluate(params string[] args) => CliRun.JsonOf(["evaluate", NoiseSong.Model, .. args, "--device", "cpu", "--json"]);

    private void Write(string name, ulong seed, double seconds)
    {
        Directory.CreateDirectory(_song.In("audio"));
        var random = new TestRandom(seed);
        float[] audio = [.. Enumerable.Range(0, (int)(seconds * RateHz)).Select(i => (0.4f * MathF.Sin(i * 0.03f * seed)) + (0.05f * random.Signed()))];
        WaveFile.Write(_song.In("audio", name), audio, RateHz);
    }
}
