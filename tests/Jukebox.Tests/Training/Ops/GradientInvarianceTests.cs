using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Xunit;

namespace Jukebox.Tests.Training.Ops;

/// <summary>What must not change a gradient: the number of threads; and what a step must not do: allocate.</summary>
public sealed class GradientInvarianceTests
{
    private const int Batch = 2, Context = 60, Blocks = 5, Width = 45, Heads = 3, Entries = 37;

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        foreach (CpuInstructionSet instructionSet in CpuOptions.Supported)
        {
            foreach (AttentionKind kind in Enum.GetValues<AttentionKind>())
            {
                Assert.Equal(Gradients(new CpuOptions(instructionSet, 1), kind), Gradients(new CpuOptions(instructionSet, 3), kind));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AStepAllocatesNothing(string name)
    {
        using ITrainingBackend backend = TestBackends.OpenForTraining(name);
        using var contract = new OpContract(backend, 44);
        var layer = new LayerCase(contract, AttentionKind.PreviousBlock);
        Assert.Equal(0, HostAllocations.Of(layer.Run));
    }

    private static int[] Gradients(CpuOptions options, AttentionKind kind)
    {
        using var backend = new CpuBackend(options);
        using var contract = new OpContract(backend, 45);
        var layer = new LayerCase(contract, kind);
        layer.Run();
        return layer.Results();
    }

    /// <summary>A layer's gradients, one operation after the other.</summary>
    private sealed class LayerCase
    {
        private readonly ITrainingBackend _backend;
        private readonly AttentionPattern _pattern;
        private readonly Tensor _x, _projected, _sources, _keys, _values, _weight, _gain, _tokens, _targets, _scales;
        private readonly Tensor _dy, _dprojected, _dsources, _dkeys, _dvalues, _dx, _logits, _losses, _start, _cursor;
        private readonly LinearWeights _weights, _linearGradient, _tableGradient;
        private readonly LayerNormWeights _normGradient;
        private readonly Tensor _table, _positions, _parameters, _first, _second;

        public LayerCase(OpContract contract, AttentionKind kind)
        {
            _backend = (ITrainingBackend)contract.Backend;
            _pattern = AttentionPattern.Create(kind, Context, Blocks, Context, 2, 7);
            bool cross = kind == AttentionKind.LyricsCross;
            Tensor Random(params int[] extents) => contract.Input(ElementType.F32, contract.Random.Floats(new Shape(extents).LengthElements, 0.1f), extents);
            _x = Random(Batch, Context, Width);
            _projected = Random(Batch, Context, cross ? Width : 3 * Width);
            _sources = cross ? Random(Batch, 7, 2 * Width) : _projected;
            (_keys, _values) = (Random(Batch, _pattern.CacheLength, Width), Random(Batch, _pattern.CacheLength, Width));
            (_dkeys, _dvalues) = (Random(Batch, _pattern.CacheLength, Width), Random(Batch, _pattern.CacheLength, Width));
            _weight = Random(Width, _projected.Shape[2]);
            _gain = Random(Width);
            _tokens = contract.Input(contract.Random.Ints(Batch * Context, Entries), Batch, Context);
            _targets = contract.Input(contract.Random.Ints(Batch * Context, Entries), Batch * Context);
            _scales = Random(Batch * Context);
            _losses = Random(Batch * Context);
            _dy = Random(Batch, Context, Width);
            _dprojected = Random(Batch, Context, _projected.Shape[2]);
            _dsources = cross ? Random(Batch, 7, 2 * Width) : _dprojected;
            _dx = Random(Batch, Context, Width);
            _table = Random(Entries, Width);
            _positions = Random(Context, Width);
            _start = Random(Batch, Width);
            _logits = Random(Batch, Context, Entries);
            (_parameters, _first) = (Random(Context, Width), Random(Context, Width));
            _second = contract.Input(ElementType.F32, new float[Context * Width], Context, Width);
            _weights = new LinearWeights(_weight, null);
            _linearGradient = new LinearWeights(Random(Width, _projected.Shape[2]), Random(_projected.Shape[2]));
            _tableGradient = new LinearWeights(Random(Entries, Width), null, OutputMajor: true);
            _normGradient = new LayerNormWeights(Random(Width), Random(Width));
            _cursor = contract.Cursor(0);
        }

        public void Run()
        {
            // Logits by the product that is otherwise a gradient: hidden · tableᵀ.
            _backend.LinearInputGradient(_x, new LinearWeights(_table, null), null, _logits);
            _backend.CrossEntropy(_logits, _targets, _scales, _losses, _logits);
            _backend.LinearWeightGradient(_x, _logits, _tableGradient);
            _backend.AppendToCache(_sources, _keys, _values, _pattern, _cursor);
            _backend.AttendGradient(_projected, _keys, _values, _pattern, Heads, _dy, _dprojected, _dkeys, _dvalues);
            _backend.AppendToCacheGradient(_dkeys, _dvalues, _pattern, _dsources);
            _backend.LinearWeightGradient(_x, _dprojected, _linearGradient);
            _backend.LinearInputGradient(_dprojected, _weights, _dy, _dx);
            _backend.QuickGeluGradient(_x, _dx, _dx);
            _backend.LayerNormGradient(_x, _gain, _dx, _dy, _dx, _normGradient);
            _backend.EmbedGradient(_tokens, _dx, _tableGradient.Weight, _start, _positions);
            _backend.GatherGradient(_tokens, _dx, _tableGradient.Weight);
            _backend.AdamStep(_parameters, _positions, _first, _second, new AdamRule(0.9f, 0.99f, 1e-6f, 1e-3f, 0, 2));
            _backend.Average(_parameters, 0.9f, _positions);
        }

        public int[] Results() =>
        [
            .. _losses.ToArray<int>(), .. _dsources.ToArray<int>(), .. _dx.ToArray<int>(), .. _linearGradient.Weight.ToArray<int>(),
            .. _linearGradient.Bias!.Value.ToArray<int>(), .. _tableGradient.Weight.ToArray<int>(), .. _normGradient.Gain.ToArray<int>(),
            .. _normGradient.Bias.ToArray<int>(), .. _positions.ToArray<int>(), .. _start.ToArray<int>(),
        ];
    }
}
