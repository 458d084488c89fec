using System.Diagnostics;
using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.Benchmarks;

/// <summary>
/// A whole upsampler of the published shape with random weights, mapped from its file, through the calls that sampling
/// makes: begin a window, prime, step.
/// </summary>
internal static class WholeModelBenchmarks
{
    private const int Level = 1;
    private const int PromptLength = 1024;
    private const int TimedSteps = 9;

    /// <summary>Contexts of batches: sixteen full caches do not fit most machines, and a step reads little of them.</summary>
    private const int ShortContext = 2048;

    public static void SingleF32(Bench bench) => WithPrior(bench, PublishedModels.Upsampler(Level), ElementType.F32, prior =>
    {
        using PriorRun run = prior.CreateRun(1);
        run.Begin(Window(prior.Spec, 1, PromptLength));
        Prime(bench, prior.Spec, run);
        Step(bench, prior.Spec, run, ElementType.F32, 1, "80 % of read");
    });

    public static void SingleBF16(Bench bench) => WithPrior(bench, PublishedModels.Upsampler(Level), ElementType.BF16, prior =>
    {
        using PriorRun run = prior.CreateRun(1);
        run.Begin(Window(prior.Spec, 1, PromptLength));
        Prime(bench, prior.Spec, run);
        Step(bench, prior.Spec, run, ElementType.BF16, 1, "70 % of read");
    });

    public static void Batches(Bench bench)
    {
        PriorSpec full = PublishedModels.Upsampler(Level);
        int blocks = full.Transformer.BlockCount * ShortContext / full.ContextLength;
        PriorSpec spec = full with { ContextLength = ShortContext, Transformer = full.Transformer with { BlockCount = blocks } };
        WithPrior(bench, spec, ElementType.BF16, prior =>
        {
            foreach (int batch in (ReadOnlySpan<int>)[8, 16])
            {
                using PriorRun run = prior.CreateRun(batch, 64);
                run.Begin(Window(prior.Spec, batch, 0));
                Step(bench, prior.Spec, run, ElementType.BF16, batch, "60 % of read or 50 % of peak");
            }
        });
    }

    /// <summary>Primes a whole window, so that every cache and buffer has been touched, and reads what the process holds.</summary>
    public static void Memory(Bench bench) => WithPrior(bench, PublishedModels.Upsampler(Level), ElementType.F32, prior =>
    {
        using PriorRun run = prior.CreateRun(1);
        run.Begin(Window(prior.Spec, 1, prior.Spec.ContextLength - 1));
        while (run.PrimeChunk())
        {
        }

        run.Step(new int[1]);
        long anonymous = AnonymousBytes();
        Console.WriteLine(
            $"memory beside the mapped weights: {anonymous / 1e6:F0} MB, of which caches {run.CacheBytes / 1e6:F0} MB, "
            + $"scratch {run.ScratchBytes / 1e6:F0} MB; the rest is the runtime's. Beside weights and caches: {(anonymous - run.CacheBytes) / 1e6:F0} MB (must stay below 300 MB)");
    });

    private static void Prime(Bench bench, PriorSpec spec, PriorRun run)
    {
        double seconds = Seconds(() =>
        {
            while (run.PrimeChunk())
            {
            }
        });
        bench.Report($"whole upsampler: prime {PromptLength} tokens", seconds, LayerElements(spec) * 4.0, 2.0 * PromptLength * LayerElements(spec), "50 % of peak");
    }

    private static void Step(Bench bench, PriorSpec spec, PriorRun run, ElementType type, int batch, string target)
    {
        var codes = new int[batch];
        double seconds = Bench.Median(TimedSteps, () => run.Step(codes));
        Bench.Verify(codes.All(code => code >= 0 && code < spec.CodebookSize), "codes outside the codebook");
        double elements = LayerElements(spec) + ((double)spec.CodebookSize * spec.Transformer.Width);
        bench.Report($"whole upsampler: one step, batch {batch}, {type}", seconds, elements * type.LengthBytes(), 2.0 * batch * elements, target);
    }

    /// <summary>Elements of the linear layers.</summary>
    private static double LayerElements(PriorSpec spec)
    {
        double width = spec.Transformer.Width, state = spec.Transformer.StateWidth, hidden = spec.Transformer.HiddenWidth;
        return spec.Transformer.Depth * ((4 * width * state) + (2 * width * hidden));
    }

    private static double Seconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static PriorWindow Window(PriorSpec spec, int batch, int known)
    {
        int[] items = [.. Enumerable.Range(0, batch)];
        int upperLength = spec.ContextLength / PublishedModels.VqVae.TokensPerUpperToken(spec.Level + 1);
        return new PriorWindow
        {
            StartToken = 0,
            Items = items,
            Labels = Array.ConvertAll(items, item => (long[])[7_938_000, 0, 262_144, item, 1, -1, -1, -1, -1]),
            UpperCodes = Array.ConvertAll(items, _ => Codes(upperLength, spec.CodebookSize)),
            Known = Array.ConvertAll(items, _ => Codes(known, spec.CodebookSize)),
            Rule = new SamplingRule(0.99f),
            Seed = 1,
        };
    }

    private static int[] Codes(int count, int limit) => [.. Enumerable.Range(0, count).Select(i => (int)(i * 7919L % limit))];

    private static void WithPrior(Bench bench, PriorSpec spec, ElementType type, Action<Prior> work)
    {
        string folder = Directory.CreateTempSubdirectory("jukebox-bench-").FullName;
        try
        {
            ModelDescription description = PublishedModels.Describe("5b") with { Priors = [spec] };
            RandomModel.Write(folder, description, 1, type);
            using ModelFolder model = ModelFolder.Open(folder);
            using Prior prior = Prior.Load(bench.Backend, model, spec.Level);
            work(prior);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Resident memory that no file backs; where the system does not tell, the whole working set.</summary>
    private static long AnonymousBytes()
    {
        const string status = "/proc/self/status";
        string? line = File.Exists(status) ? File.ReadLines(status).FirstOrDefault(line => line.StartsWith("RssAnon:", StringComparison.Ordinal)) : null;
        return line is null ? Environment.WorkingSet : long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }
}
