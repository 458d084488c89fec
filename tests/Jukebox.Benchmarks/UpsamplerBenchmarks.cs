using Jukebox.Core.Tensors;

namespace Jukebox.Benchmarks;

/// <summary>An upsampler's transformer: one token, one step of a batch, one chunk of a prompt.</summary>
internal static class UpsamplerBenchmarks
{
    private const int LayerCount = 72;

    /// <summary>Layers of the priming row: enough to be far larger than any cache.</summary>
    private const int PrimedLayers = 12;

    public static void Decode(Bench bench)
    {
        Step(bench, ElementType.F32, 1, 8192, "80 % of read");
        Step(bench, ElementType.BF16, 1, 8192, "70 % of read");
    }

    public static void Batch(Bench bench)
    {
        // A quarter of the context: sixteen full caches do not fit most machines, and a step reads little of them.
        Step(bench, ElementType.BF16, 8, 2048, "60 % of read or 50 % of peak");
        Step(bench, ElementType.BF16, 16, 2048, "60 % of read or 50 % of peak");
    }

    public static void Prime(Bench bench)
    {
        var layers = new UpsamplerLayers(bench, PrimedLayers, ElementType.F32, 1, 1024, 2048);
        layers.Verify();
        double linear = Bench.Median(3, layers.RunLinear);
        bench.Report($"prime 1,024 tokens, f32, linear layers alone", linear, layers.WeightBytes, layers.LinearFlops, "60 % of peak");
        double all = Bench.Median(3, () => layers.Run(logits: false));
        bench.Report($"prime 1,024 tokens, f32, over all ({PrimedLayers} layers)", all, layers.WeightBytes, layers.LinearFlops, "50 % of peak");
        layers.Dispose();
    }

    private static void Step(Bench bench, ElementType type, int batch, int context, string target)
    {
        var layers = new UpsamplerLayers(bench, LayerCount, type, batch, 1, context);
        layers.Verify();
        double seconds = Bench.Median(batch == 1 ? 9 : 5, () => layers.Run(logits: true));
        bench.Report($"decode one step, batch {batch}, {type}", seconds, layers.WeightBytes + layers.CacheBytes, layers.LinearFlops, target);
        layers.Dispose();
    }
}
