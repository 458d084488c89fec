using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

/// <summary>
/// What must not change the gradients of convolutions and signals: the number of threads, other items; and what a step must
/// not do: allocate.
/// </summary>
public sealed class ConvolutionInvarianceTests
{
    private const int Length = 401, Width = 24, Codes = 300;

    private static readonly ConvGeometry Dilated = new(1, 3, 3), Strided = new(2, 1, 1);

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        foreach (CpuInstructionSet instructionSet in CpuOptions.Supported)
        {
            Assert.Equal(Run(new CpuOptions(instructionSet, 1)), Run(new CpuOptions(instructionSet, 3)));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ABatchGivesTheBitsOfItsItemsAlone(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        int[] alone = ItemsOf(backend, 1), batch = ItemsOf(backend, 3);
        Assert.Equal([.. alone, .. alone, .. alone], batch);
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AStepAllocatesNothing(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 46);
        var step = new StepCase(contract, 2);
        Assert.Equal(0, HostAllocations.Of(step.Run));
    }

    private static int[] Run(CpuOptions options)
    {
        using var backend = new CpuBackend(options);
        using var contract = new OpContract(backend, 47);
        var step = new StepCase(contract, 3);
        step.Run();
        return [.. step.Sums(), .. step.Items()];
    }

    private static int[] ItemsOf(ITrainingBackend backend, int batch)
    {
        using var contract = new OpContract(backend, 48);
        var step = new StepCase(contract, batch);
        step.Run();
        return step.Items();
    }

    /// <summary>Every operation once, each item of the batch having the same input.</summary>
    private sealed class StepCase
    {
        private readonly ITrainingBackend _backend;
        private readonly int _batch;
        private readonly Tensor _x, _dx, _half, _dhalf, _audio, _decoded, _daudio, _norms, _losses, _codes, _counts, _sums;
        private readonly ConvWeights _dilated, _dilatedGradient, _strided, _stridedGradient, _transposedGradient;
        private double _squares;

        public StepCase(OpContract contract, int batch)
        {
            _backend = (ITrainingBackend)contract.Backend;
            _batch = batch;
            Tensor Repeated(params int[] extents)
            {
                float[] item = contract.Random.Floats(new Shape(extents).LengthElements);
                return contract.Input(ElementType.F32, [.. Enumerable.Repeat(item, batch).SelectMany(values => values)], [batch, .. extents]);
            }

            ConvWeights Filter(int taps) => new(
                contract.Input(ElementType.F32, contract.Random.Floats(taps * Width * Width), taps, Width, Width),
                contract.Input(ElementType.F32, contract.Random.Floats(Width), Width));
            (_x, _dx, _half) = (Repeated(Length, Width), Repeated(Length, Width), Repeated(Length / 2, Width));
            _dhalf = Repeated(Length / 2, Width);
            (_dilated, _dilatedGradient, _strided) = (Filter(3), Filter(3), Filter(4));
            (_stridedGradient, _transposedGradient) = (Filter(4), Filter(4));
            (_audio, _decoded, _daudio) = (Repeated(Length), Repeated(Length), Repeated(Length));
            (_norms, _losses) = (contract.Output(ElementType.F32, batch, 2), contract.Output(ElementType.F32, 3));
            int[] codes = contract.Random.Ints(Length, Codes);
            _codes = contract.Input([.. Enumerable.Repeat(codes, batch).SelectMany(values => values)], batch, Length);
            (_counts, _sums) = (contract.Output(ElementType.F32, Codes), contract.Output(ElementType.F32, Codes, Width));
        }

        public void Run()
        {
            _backend.SampleDistance(_audio, _decoded, 100, new SampleDistanceScales(1, 1, 1), _losses, _daudio);
            _backend.SpectralDistance(_audio, _decoded, new SpectralResolution(128, 25, 60), _norms, 0.5f, _daudio);
            _backend.SpectralDistance(_audio, _decoded, new SpectralResolution(64, 12, 60), _norms, 0.5f, _daudio);
            _backend.Conv1dWeightGradient(_x, true, _dx, Dilated, 0.5f, _dilatedGradient);
            _backend.Conv1dInputGradient(_dx, _dilated, Dilated, _x, 0.5f, _dx, _dx);
            _backend.Conv1dWeightGradient(_x, false, _half, Strided, 1, _stridedGradient);
            _backend.Conv1dInputGradient(_half, _strided, Strided, null, 1, null, _dx);
            _backend.TransposedConv1dWeightGradient(_half, _dx, Strided, _transposedGradient);
            _backend.TransposedConv1dInputGradient(_dx, _strided, Strided, _dhalf);
            _backend.CodeSums(_codes, _x, _counts, _sums);
            _squares = _backend.SumOfSquares(_x);
        }

        /// <summary>What is summed over the items.</summary>
        public int[] Sums() =>
        [
            .. _dilatedGradient.Weight.ToArray<int>(), .. _dilatedGradient.Bias.ToArray<int>(), .. _stridedGradient.Weight.ToArray<int>(),
            .. _transposedGradient.Weight.ToArray<int>(), .. _transposedGradient.Bias.ToArray<int>(), .. _losses.ToArray<int>(),
            .. _counts.ToArray<int>(), .. _sums.ToArray<int>(), BitConverter.DoubleToInt64Bits(_squares).GetHashCode(),
        ];

        /// <summary>What each item has of its own, item by item; the norms are the last resolution's.</summary>
        public int[] Items() =>
        [
            .. from n in Enumerable.Range(0, _batch)
               from tensor in (Tensor[])[_dx, _dhalf, _norms]
               from value in tensor.Slice(n, 1).ToArray<int>()
               select value,
        ];
    }
}
