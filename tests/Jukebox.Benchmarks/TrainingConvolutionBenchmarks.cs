using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Benchmarks;

/// <summary>
/// What training a VQ-VAE is made of, in windows of 8,192 samples: convolutions with their gradients, and the distances of signals.
/// </summary>
internal static class TrainingConvolutionBenchmarks
{
    private const int Batch = 8, LengthSamples = 8192, Repeats = 15;
    private const string Target = "30 % of peak";

    public static void Run(Bench bench)
    {
        var same = new ConvGeometry(1, 1, 1);
        Block(bench, 1024, 64, 27);
        Block(bench, 1024, 32, 9);
        Convolution(bench, "3 taps, 64 to 64", 1024, 64, 64, 3, new ConvGeometry(1, 27, 27), Target);
        Convolution(bench, "1 tap, 64 to 64", 1024, 64, 64, 1, new ConvGeometry(1, 1, 0), Target);
        Convolution(bench, "3 taps, 48 to 48", 1024, 48, 48, 3, same, Target);
        Convolution(bench, "3 taps, 32 to 32", 1024, 32, 32, 3, same, Target);
        Convolution(bench, "3 taps, 16 to 16", 1024, 16, 16, 3, same, "");
        Convolution(bench, "4 taps, stride 2, 64 to 64", 2048, 64, 64, 4, new ConvGeometry(2, 1, 1), Target);
        Convolution(bench, "first layer, 1 to 64", LengthSamples, 1, 64, 4, new ConvGeometry(2, 1, 1), "");
        Convolution(bench, "last layer, 64 to 1", LengthSamples, 64, 1, 3, same, "");
        Transposed(bench, 1024, 64, 64);
        Signals(bench);
    }

    private static void Convolution(
        Bench bench, string name, int length, int inputs, int outputs, int taps, ConvGeometry geometry, string target)
    {
        int outputLength = geometry.OutputLength(length, taps);
        bool relu = geometry.Stride == 1;
        using var memory = new ScratchMemory(bench);
        Tensor x = memory.Random(Batch, length, inputs), dx = memory.Random(Batch, length, inputs), y = memory.Random(Batch, outputLength, outputs);
        ConvWeights weights = memory.Filter(taps, inputs, outputs), gradient = memory.Filter(taps, inputs, outputs);
        double bytes = x.LengthBytes + y.LengthBytes, flops = 2.0 * Batch * outputLength * inputs * outputs * taps;
        double seconds = Bench.Median(Repeats, () => bench.Backend.Conv1d(x, weights, geometry, relu, null, 1, y));
        bench.Report($"convolution, {name}", seconds, bytes, flops, "");
        if (inputs > 1)
        {
            seconds = Bench.Median(Repeats, () => bench.Backend.Conv1dInputGradient(y, weights, geometry, relu ? x : null, 1, null, dx));
            bench.Report("its input gradient", seconds, bytes, flops, target);
        }

        seconds = Bench.Median(Repeats, () => bench.Backend.Conv1dWeightGradient(x, relu, y, geometry, 1, gradient));
        bench.Report("its parameters' gradient", seconds, bytes, flops, target);
    }

    private static void Transposed(Bench bench, int length, int inputs, int outputs)
    {
        const int taps = 4;
        var geometry = new ConvGeometry(2, 1, 1);
        using var memory = new ScratchMemory(bench);
        Tensor x = memory.Random(Batch, length, inputs), dx = memory.Random(Batch, length, inputs);
        Tensor y = memory.Random(Batch, geometry.TransposedOutputLength(length, taps), outputs);
        ConvWeights weights = memory.Filter(taps, inputs, outputs), gradient = memory.Filter(taps, inputs, outputs);
        double bytes = x.LengthBytes + y.LengthBytes, flops = 2.0 * Batch * length * inputs * outputs * taps;
        double seconds = Bench.Median(Repeats, () => bench.Backend.TransposedConv1d(x, weights, geometry, y));
        bench.Report($"transposed convolution, stride 2, {inputs} to {outputs}", seconds, bytes, flops, "");
        seconds = Bench.Median(Repeats, () => bench.Backend.TransposedConv1dInputGradient(y, weights, geometry, dx));
        bench.Report("its input gradient", seconds, bytes, flops, Target);
        seconds = Bench.Median(Repeats, () => bench.Backend.TransposedConv1dWeightGradient(x, y, geometry, gradient));
        bench.Report("its parameters' gradient", seconds, bytes, flops, Target);
    }

    /// <summary>A residual block forward and backward, its hidden signal kept for the gradients.</summary>
    private static void Block(Bench bench, int length, int width, int dilation)
    {
        using var memory = new ScratchMemory(bench);
        Tensor x = memory.Random(Batch, length, width), hidden = memory.Random(Batch, length, width), y = memory.Random(Batch, length, width);
        Tensor dy = memory.Random(Batch, length, width), dhidden = memory.Random(Batch, length, width);
        ConvWeights dilated = memory.Filter(3, width, width), pointwise = memory.Filter(1, width, width);
        ConvWeights dilatedGradient = memory.Filter(3, width, width), pointwiseGradient = memory.Filter(1, width, width);
        ConvGeometry wide = new(1, dilation, dilation), narrow = new(1, 1, 0);
        double seconds = Bench.Median(Repeats, () =>
        {
            bench.Backend.Conv1d(x, dilated, wide, true, null, 1, hidden);
            bench.Backend.Conv1d(hidden, pointwise, narrow, true, x, 1, y);
            bench.Backend.Conv1dWeightGradient(hidden, true, dy, narrow, 1, pointwiseGradient);
            bench.Backend.Conv1dInputGradient(dy, pointwise, narrow, hidden, 1, null, dhidden);
            bench.Backend.Conv1dWeightGradient(x, true, dhidden, wide, 1, dilatedGradient);
            bench.Backend.Conv1dInputGradient(dhidden, dilated, wide, x, 1, dy, y);
        });
        double flops = 3 * 2.0 * Batch * length * width * width * 4;
        bench.Report($"residual block {width} wide, forward and backward", seconds, 6.0 * x.LengthBytes, flops, Target);
    }

    private static void Signals(Bench bench)
    {
        using var memory = new ScratchMemory(bench);
        Tensor x = memory.Random(Batch, LengthSamples), y = memory.Random(Batch, LengthSamples), dy = memory.Random(Batch, LengthSamples);
        Tensor norms = memory.Random(Batch, 2), losses = memory.Random(3);
        foreach (SpectralResolution resolution in (SpectralResolution[])[new(2048, 240, 1200), new(1024, 120, 600), new(512, 50, 240)])
        {
            // A transform of both signals, and half of one back.
            double flops = 1.5 * 5 * Batch * resolution.FrameCount(LengthSamples) * resolution.TransformLength * Math.Log2(resolution.TransformLength);
            double seconds = Bench.Median(Repeats, () => bench.Backend.SpectralDistance(x, y, resolution, norms, 1, dy));
            bench.Report($"spectral distance and gradient, {resolution.TransformLength}", seconds, 3.0 * x.LengthBytes, flops, "");
        }

        double sampleSeconds = Bench.Median(
            Repeats, () => bench.Backend.SampleDistance(x, y, 2048, new SampleDistanceScales(0, 1, 0.02f), losses, dy));
        bench.Report("sample distances and gradient", sampleSeconds, 3.0 * x.LengthBytes, 0, "");
    }

    /// <summary>Tensors that are freed together.</summary>
    private sealed class ScratchMemory(Bench bench) : IDisposable
    {
        private readonly List<Tensor> _tensors = [];

        public Tensor Random(params ReadOnlySpan<int> extents)
        {
            Tensor tensor = bench.Random(ElementType.F32, extents);
            _tensors.Add(tensor);
            return tensor;
        }

        public ConvWeights Filter(int taps, int inputs, int outputs) => new(Random(taps, inputs, outputs), Random(outputs));

        public void Dispose() => _tensors.ForEach(tensor => tensor.Buffer.Dispose());
    }
}
