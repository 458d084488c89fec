using System.Globalization;
using Jukebox.Benchmarks;
using Jukebox.Cpu.Backend;

#if DEBUG
Console.Error.WriteLine("benchmarks of a Debug build mean nothing: run them with -c Release");
return 2;
#else
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// One entry per group; its file has everything else.
var groups = new Dictionary<string, Action<Bench>>
{
    ["model-memory"] = WholeModelBenchmarks.Memory, // first: what other groups have left in the process would count
    ["decode"] = UpsamplerBenchmarks.Decode,
    ["batch"] = UpsamplerBenchmarks.Batch,
    ["prime"] = UpsamplerBenchmarks.Prime,
    ["model"] = WholeModelBenchmarks.SingleF32,
    ["model-bf16"] = WholeModelBenchmarks.SingleBF16,
    ["model-batch"] = WholeModelBenchmarks.Batches,
    ["vqvae"] = VqVaeBenchmarks.Run,
    ["train-vqvae"] = TrainingConvolutionBenchmarks.Run,
    ["train-prior"] = TrainingPriorBenchmarks.Run,
    ["mapped"] = MappedBenchmarks.Run,
    ["cuda-cost"] = _ => CudaBenchmarks.Cost(),
    ["cuda"] = _ => CudaBenchmarks.Measure(),
};

string[] chosen = args.Length > 0 ? args : [.. groups.Keys];
if (chosen.FirstOrDefault(name => !groups.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"no group is called '{unknown}': {string.Join(" ", groups.Keys)}");
    return 2;
}

using var backend = new CpuBackend();
var bench = new Bench(backend, MachineProbe.Measure(backend));
foreach (string name in chosen)
{
    groups[name](bench);
}

return 0;
#endif
