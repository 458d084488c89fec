using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Benchmarks;

/// <summary>What training a prior is made of: linear layers with their gradients, and whole layers forward and backward.</summary>
internal static class TrainingPriorBenchmarks
{
    private const int CodebookSize = 2048;
    private const string Target = "40 % of peak";

    public static void Run(Bench bench)
    {
        Linear(bench, 4096, 256, 768);
        Linear(bench, 2048, 1024, 1024);
        Linear(bench, 1024, 1920, 1440);
        Logits(bench, 2048, 1024);
        Layers(bench, 8, 512, 256, 64, 1);
        Layers(bench, 2, 1024, 1024, 256, 2);
        Layers(bench, 1, 1024, 1920, 480, 1);
    }

    private static void Linear(Bench bench, int rows, int inputs, int outputs)
    {
        using var memory = new Memory(bench);
        Tensor x = memory.Random(rows, inputs), y = memory.Random(rows, outputs), dx = memory.Random(rows, inputs);
        var weights = new LinearWeights(memory.Random(inputs, outputs), memory.Random(outputs));
        var gradient = new LinearWeights(memory.Random(inputs, outputs), memory.Random(outputs));
        double flops = 2.0 * rows * inputs * outputs, bytes = weights.Weight.LengthBytes;
        string shape = $"{rows} rows, {inputs} to {outputs}";
        bench.Report($"linear, {shape}", Bench.Median(7, () => bench.Backend.LinearForward(x, weights, null, y)), bytes, flops, Target);
        bench.Report($"its input gradient", Bench.Median(7, () => bench.Backend.LinearInputGradient(y, weights, null, dx)), bytes, flops, Target);
        bench.Report($"its parameters' gradient", Bench.Median(7, () => bench.Backend.LinearWeightGradient(x, y, gradient)), bytes, flops, Target);
    }

    /// <summary>Logits of every position, both ways there are, and back.</summary>
    private static void Logits(Bench bench, int rows, int width)
    {
        using var memory = new Memory(bench);
        Tensor x = memory.Random(rows, width), logits = memory.Random(rows, CodebookSize), dx = memory.Random(rows, width);
        Tensor table = memory.Random(CodebookSize, width), dtable = memory.Random(CodebookSize, width);
        Tensor scales = memory.Random(rows), losses = memory.Random(rows), targets = memory.Indices(rows);
        double flops = 2.0 * rows * width * CodebookSize, bytes = table.LengthBytes;
        var tied = new LinearWeights(table, null, OutputMajor: true);
        double seconds = Bench.Median(5, () => bench.Backend.LinearForward(x, tied, null, logits));
        bench.Report($"logits, {rows} rows, {width} to {CodebookSize}, as in a step", seconds, bytes, flops, "");

        // hidden · tableᵀ is the input gradient of a layer with the table as its weights.
        seconds = Bench.Median(5, () => bench.Backend.LinearInputGradient(x, new LinearWeights(table, null), null, logits));
        bench.Report("the same as a product of tiles", seconds, bytes, flops, Target);
        seconds = Bench.Median(5, () => bench.Backend.CrossEntropy(logits, targets, scales, losses, logits));
        bench.Report("their losses and gradient", seconds, logits.LengthBytes, 0, "");
        seconds = Bench.Median(5, () => bench.Backend.LinearInputGradient(logits, tied, null, dx));
        bench.Report("input gradient of the table", seconds, bytes, flops, Target);
        seconds = Bench.Median(5, () => bench.Backend.LinearWeightGradient(x, logits, new LinearWeights(dtable, null, OutputMajor: true)));
        bench.Report("gradient of the table", seconds, bytes, flops, Target);
    }

    /// <summary>One layer of each of the three kinds that priors have in turn.</summary>
    private static void Layers(Bench bench, int batch, int length, int width, int state, int heads)
    {
        foreach (AttentionKind kind in (AttentionKind[])[AttentionKind.Block, AttentionKind.TransposedBlock, AttentionKind.PreviousBlock])
        {
            using var layer = new TrainedLayer(bench, kind, batch, length, width, state, heads);
            layer.Verify();
            string shape = $"layer {width} wide, {batch} × {length}, {kind}";
            bench.Report($"{shape}", Bench.Median(7, layer.Run), 0, layer.LinearFlops, Target);
        }
    }

    /// <summary>Tensors that are freed together.</summary>
    private sealed class Memory(Bench bench) : IDisposable
    {
        private readonly List<Tensor> _tensors = [];

        public Tensor Random(params ReadOnlySpan<int> extents) => Owned(bench.Random(ElementType.F32, extents));

        public Tensor Indices(int count)
        {
            Tensor tensor = Owned(new Tensor(bench.Backend.Allocate(count * sizeof(int)), ElementType.I32, new Shape(count)));
            tensor.Upload<int>(new int[count]);
            return tensor;
        }

        public void Dispose() => _tensors.ForEach(tensor => tensor.Buffer.Dispose());

        private Tensor Owned(Tensor tensor)
        {
            _tensors.Add(tensor);
            return tensor;
        }
    }
}
