using System.Diagnostics;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cuda.Backend;
using Jukebox.Cuda.Driver;
using Jukebox.Models.Format;
using Jukebox.Tests.Cost;

namespace Jukebox.Benchmarks;

/// <summary>The CUDA engine: what a token costs, counted without a device, and what it takes on one, measured.</summary>
internal static class CudaBenchmarks
{
    private const int ChunkTokens = 128;
    private const int TimedRuns = 50;

    private static readonly int[] BatchSizes = [1, 16];

    /// <summary>Prints the counted cost of a step and of a chunk for every published prior, and times modelled from it.</summary>
    public static void Cost()
    {
        Console.WriteLine();
        Console.WriteLine("Counted cost of drawing one token, f16, compute_80. Times are MODELLED: bytes over the data sheet's bandwidth");
        Console.WriteLine($"plus {CardModel.SecondsBetweenKernels * 1e6:0.0} µs a launch; they are no measurement.");
        Console.WriteLine($"{"prior",-10}{"batch",6}{"launches",10}{"MB",9}{"over must",11}{"sectors",9}{string.Concat(CardModel.All.Select(card => $"{card.Name + " ms",14}"))}");
        foreach ((string name, PriorSpec spec) in PublishedPriors.All)
        {
            foreach (int batchSize in BatchSizes)
            {
                StepCost cost = StepCost.Measure(name, spec, batchSize, ElementType.F16);
                Console.WriteLine(
                    $"{name,-10}{batchSize,6}{cost.Total.Launches,10:0}{cost.Total.Bytes / 1e6,9:0.0}{cost.ByteRatio,11:0.000}{cost.SectorRatio,9:0.000}"
                    + string.Concat(CardModel.All.Select(card => $"{card.Seconds(cost.Total) * 1e3,14:0.00}")));
            }
        }

        InFlight();
        ManyRows();
        Console.WriteLine();
        Console.WriteLine($"Priming {ChunkTokens} tokens: bank conflicts (wavefronts over conflict-free ones) and tensor cores' share of the linear layers");
        foreach ((string name, PriorSpec spec) in PublishedPriors.All)
        {
            ChunkCost cost = ChunkCost.Measure(name, spec, ChunkTokens, ElementType.F16);
            Console.WriteLine($"{name,-10} conflicts {cost.WavefrontRatio:0.000}, mma {cost.MatrixShare:P1}  ({string.Join(", ", cost.WavefrontRatios.Select(kernel => $"{kernel.Key} {kernel.Value:0.000}"))})");
        }
    }

    /// <summary>Prints what a thousand rows cost, as activations have them, and what a model makes of it.</summary>
    private static void ManyRows()
    {
        const int rows = 1024, inputs = 4800, outputs = 128;
        ManyRowsCost cost = ManyRowsCost.Measure(rows, inputs, outputs);
        Console.WriteLine();
        Console.WriteLine(
            $"{rows} rows of {inputs} channels, f16: mma {cost.MatrixShare:P1}, conflicts {cost.WavefrontRatio:0.000}, sectors {cost.SectorRatio:0.000}; operations for each byte of "
            + $"the second-level cache {cost.OperationsPerByte:0.0}, wavefront {cost.OperationsPerWavefront:0}, instruction {cost.OperationsPerInstruction:0}");
        Console.WriteLine($"MODELLED bound of the dense rate: {string.Join(", ", MatrixCardModel.All.Select(card => $"{card.Name} {cost.MostOfDense(card):P0}"))}");
    }

    /// <summary>Prints what the kernels that stream a step's bytes keep under way, by what the assembler says of them.</summary>
    private static void InFlight()
    {
        Console.WriteLine();
        Console.WriteLine($"Bytes under way in one multiprocessor, COMPUTED from registers and shared memory on sm_{BytesInFlight.Capability}, f16 (aim {BytesInFlight.Aim / 1024} KB)");
        if (CudaLibrary.FindNvrtc() is null)
        {
            Console.WriteLine($"not computed: there is no NVRTC; {CudaLibrary.NvrtcVariable} may name one");
            return;
        }

        Console.WriteLine($"{"prior",-10} {"kernel",-18}{"registers",10}{"shared bytes",14}{"resident warps",16}{"bytes a warp",14}{"KB under way",14}");
        foreach ((string name, PriorSpec spec) in PublishedPriors.All)
        {
            foreach (BytesInFlight kernel in BytesInFlight.OfStep(spec, ElementType.F16))
            {
                Console.WriteLine(
                    $"{name,-10} {kernel.Kernel,-18}{kernel.Registers,10}{kernel.SharedBytes,14}{kernel.ResidentWarps,16}{kernel.WarpBytes,14}{kernel.Bytes / 1024.0,14:0.0}");
            }
        }
    }

    /// <summary>Times the same step on the machine's CUDA device, beside the model of it; says so where there is none.</summary>
    public static void Measure()
    {
        CudaBackend backend;
        try
        {
            backend = new CudaBackend();
        }
        catch (CudaException error)
        {
            Console.WriteLine($"cuda: not measured, {error.Message}");
            return;
        }

        using (backend)
        {
            MachineLimits limits = CudaProbe.Measure(backend);
            var card = new CardModel(backend.Device.Name, limits.ReadBytesPerSecond);
            Console.WriteLine($"{backend.Name}: {limits.ReadBytesPerSecond / 1e9:0} GB/s measured by copying");
            Console.WriteLine($"{"prior",-10}{"batch",6}{"measured ms",13}{"modelled ms",13}{"of bandwidth",14}");
            foreach ((string name, PriorSpec spec) in PublishedPriors.All)
            {
                foreach (int batchSize in BatchSizes)
                {
                    StepCost cost = StepCost.Measure(name, spec, batchSize, ElementType.F16);
                    double seconds = StepSeconds(backend, spec, batchSize);
                    Console.WriteLine(
                        $"{name,-10}{batchSize,6}{seconds * 1e3,13:0.000}{card.Seconds(cost.Total) * 1e3,13:0.000}{cost.UnavoidableBytes / seconds / limits.ReadBytesPerSecond,14:P0}");
                }
            }
        }
    }

    /// <summary>Median seconds of a step that is recorded once and replayed.</summary>
    private static double StepSeconds(CudaBackend backend, PriorSpec spec, int batchSize)
    {
        using var step = new TimedStep(backend, spec, batchSize);
        step.Issue();
        backend.Synchronize();
        using Recording recording = backend.Record(step.Issue);
        double[] seconds = new double[TimedRuns];
        for (int i = 0; i < TimedRuns; i++)
        {
            step.Rewind();
            backend.Synchronize();
            long start = Stopwatch.GetTimestamp();
            recording.Replay();
            backend.Synchronize();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[TimedRuns / 2];
    }
}
