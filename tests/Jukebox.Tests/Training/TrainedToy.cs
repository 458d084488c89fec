using Jukebox.Audio.Writing;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>A few short recordings, and a VQ-VAE of two levels that was trained on them for a moment from the command line.</summary>
public sealed class TrainedToy : IDisposable
{
    public const int RateHz = 8000;

    private const string VqVaeSettings = """
        {
          "preset": "tiny_vqvae", "name": "toy", "sample_rate_hz": 8000, "window_samples": 2048, "batch_size": 2, "steps": 6,
          "vq_vae": { "levels": 2, "downs": [3, 2], "strides": [2, 2], "multipliers": [1, 1], "width": 8, "depth": 1, "embedding_width": 8, "codebook_size": 16 },
          "codebook": { "revival_thresholds": [0.5, 0.5] },
          "rate": { "anneal_fraction": 0 },
          "intervals": { "log_every": 2, "checkpoint_every": 4, "validate_every": 4, "validation_windows": 4, "sample_every": 6 }
        }
        """;

    public TrainedToy()
    {
        WriteRecording("data/a.wav", 4.2, 220);
        WriteRecording("data/b.wav", 5.1, 330);
        WriteRecording("data/more/c.wav", 3.3, 440);
        Folder.Write("data/manifest.tsv", "file\tartist\tgenre\tsplit\na\tAda\torgan\ttrain\nb\tBea\tpiano\ttrain\nc\tAda\tpiano\tvalid\n");
        Folder.Write("data/a.txt", "la la la");
        Folder.Write("vqvae.json", VqVaeSettings);
        Training = Run("vqvae", "--data", Data, "--settings", Folder["vqvae.json"], "--output", Folder["vqvae"]);
    }

    public TemporaryFolder Folder { get; } = new();

    public string Data => Folder["data"];

    /// <summary>How the VQ-VAE's training went.</summary>
    internal CliRun Training { get; }

    /// <summary>The VQ-VAE's model folder.</summary>
    public string Model => Folder["vqvae", "model"];

    public void Dispose() => Folder.Dispose();

    /// <summary>Settings of a prior of that level, in a file.</summary>
    public string PriorSettings(int level) => Folder.Write($"prior_{level}.json", $$"""
        {
          "preset": "{{(level == 1 ? "tiny_top" : "tiny_upsampler_0")}}", "name": "toy", "batch_size": 2, "steps": 6,
          "prior": {
            "level": {{level}}, "context_length": 64, "transformer": { "width": 16, "depth": 3, "block_count": 8 }, "labels": { "min_duration_seconds": 0, "max_duration_seconds": 60 }
            {{(level == 1 ? "" : ", \"upper_codes\": { \"width\": 8, \"depth\": 1 }")}}
          },
          "rate": { "anneal_fraction": 0 },
          "intervals": { "log_every": 2, "checkpoint_every": 4, "validate_every": 4, "validation_windows": 4, "sample_every": 6 }
        }
        """);

    /// <summary>Runs a training command that must succeed.</summary>
    internal static CliRun Run(params string[] args)
    {
        CliRun run = CliRun.Of(["train", .. args, "--threads", "1"]);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    /// <summary>Tones that rise by an octave, one for each channel.</summary>
    public void WriteRecording(string name, double seconds, params double[] startsHz)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Folder[name])!);
        using WaveWriter writer = WaveWriter.Create(Folder[name], RateHz, startsHz.Length);
        var samples = new float[(int)(seconds * RateHz) * startsHz.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            (int frame, int channel) = Math.DivRem(i, startsHz.Length);
            double time = (double)frame / RateHz;
            samples[i] = (float)(0.4 * Math.Sin(2 * Math.PI * startsHz[channel] * time * (1 + (time / seconds / 2))));
        }

        writer.Write(samples);
        writer.Flush();
    }
}
