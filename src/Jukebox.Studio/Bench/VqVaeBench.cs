using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Studio.Bench;

/// <summary>Times the VQ-VAE on a second of noise.</summary>
internal static class VqVaeBench
{
    /// <summary>Encodes and decodes a level, each once to warm up and once for the clock.</summary>
    public static IEnumerable<BenchRow> Measure(IBackend backend, ModelFolder folder, int level, MachineLimits limits)
    {
        using var vqvae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae);
        int hop = folder.Description.VqVae.SamplesPerToken(level);
        int tokens = folder.Description.SampleRateHz / hop;
        var timer = new QueueTimer(backend, TimeProvider.System);
        var random = new Random(1);
        float[] audio = [.. Enumerable.Range(0, tokens * hop).Select(_ => (random.NextSingle() * 2) - 1)];
        int[] codes = vqvae.Encode(level, audio);
        double encodeSeconds = timer.Seconds(() => vqvae.Encode(level, audio));
        yield return BenchReport.Row(level, "vqvae-encode", 1, tokens, encodeSeconds, 0, vqvae.EncodeOperations(level, audio.Length), limits);
        vqvae.Decode(level, codes);
        double decodeSeconds = timer.Seconds(() => vqvae.Decode(level, codes));
        yield return BenchReport.Row(level, "vqvae-decode", 1, tokens, decodeSeconds, 0, vqvae.DecodeOperations(level, tokens), limits);
    }
}
