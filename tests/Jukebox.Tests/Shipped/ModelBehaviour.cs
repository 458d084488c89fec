using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Evaluation;
using Jukebox.Testing.Golden;

namespace Jukebox.Tests.Shipped;

/// <summary>What a model makes of a recording on the processor: what shows that it is still the model that it was.</summary>
internal static class ModelBehaviour
{
    /// <summary>Codes of the recording that each prior is given.</summary>
    private const int KnownTokens = 64;

    /// <summary>Codes that each prior goes on with.</summary>
    private const int DrawnTokens = 64;

    /// <summary>Length of the shortest song, and of the recording: a window of every level that has another above it.</summary>
    public static int ShortestSong(ModelDescription model)
    {
        int top = model.VqVae.Levels - 1;
        return model.Priors.Where(prior => prior.Level < top)
            .Select(prior => prior.ContextLength * model.VqVae.SamplesPerToken(prior.Level))
            .Max();
    }

    /// <summary>By level: SHA-256 over the most probable codes, one after the other, after the beginning of the recording.</summary>
    public static string[] GreedyHashes(string path, CpuInstructionSet instructionSet)
    {
        using var backend = new CpuBackend(new CpuOptions(instructionSet));
        using var folder = ModelFolder.Open(path);
        ModelDescription model = folder.Description;
        using var vqvae = VqVae.Load(backend, folder.OpenVqVae(), model.VqVae);
        int[][] codes = [.. Enumerable.Range(0, model.VqVae.Levels)
            .Select(level => vqvae.Encode(level, MadeMusic.Of(KnownTokens * model.VqVae.SamplesPerToken(level), model.SampleRateHz)))];
        return [.. Enumerable.Range(0, model.VqVae.Levels).Select(level => Hash(Greedy(backend, folder, level, codes)))];
    }

    /// <summary>By level: how much of the recording, as long as the shortest song, is left after encoding and decoding.</summary>
    public static ReconstructionQuality[] RoundTrip(string path)
    {
        using var backend = new CpuBackend();
        using var folder = ModelFolder.Open(path);
        ModelDescription model = folder.Description;
        using var vqvae = VqVae.Load(backend, folder.OpenVqVae(), model.VqVae);
        float[] audio = MadeMusic.Of(ShortestSong(model), model.SampleRateHz);
        return [.. Enumerable.Range(0, model.VqVae.Levels).Select(level =>
        {
            var meter = new ReconstructionMeter();
            meter.Add(audio, vqvae.Decode(level, vqvae.Encode(level, audio)));
            return meter.Quality;
        })];
    }

    /// <param name="codes">By level, those that are known.</param>
    private static int[] Greedy(CpuBackend backend, ModelFolder folder, int level, int[][] codes)
    {
        using Prior prior = Prior.Load(backend, folder, level);
        using PriorRun run = prior.CreateRun(1);
        return run.Finish(
            new PriorWindow
            {
                StartToken = 0,
                Items = [0],
                Labels = [Label(prior.Spec, folder.Description)],
                UpperCodes = prior.Spec.UpperCodes is null ? null : [Repeated(codes[level + 1], prior.Spec.ContextLength / folder.Description.VqVae.TokensPerUpperToken(level + 1))],
                Known = [codes[level]],
                Rule = new SamplingRule(TopK: 1),
                Seed = 1,
            },
            KnownTokens + DrawnTokens)[0][KnownTokens..];
    }

    private static int[] Repeated(int[] codes, int count) => [.. Enumerable.Range(0, count).Select(i => codes[i % codes.Length])];

    /// <summary>The first artist and genre of the tables, no lyrics, the shortest song that the prior knows.</summary>
    private static long[] Label(PriorSpec spec, ModelDescription model)
    {
        if (spec.Labels is not { } labels)
        {
            return [];
        }

        var row = new long[spec.LabelLength];
        row[2] = (long)spec.ContextLength * model.VqVae.SamplesPerToken(spec.Level);
        row[0] = Math.Max(row[2], (long)Math.Ceiling(labels.MinDurationSeconds * model.SampleRateHz));
        row[3] = Math.Min(1, labels.ArtistCount - 1);
        row[4] = Math.Min(1, labels.GenreCount - 1);
        row.AsSpan(5, labels.MaxGenres - 1).Fill(-1);
        return row;
    }

    private static string Hash(int[] codes) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<int>(codes)));
}
