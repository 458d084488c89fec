using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Xunit;

namespace Jukebox.Tests.Ops;

/// <summary>What must not change a result: the number of threads, the batch; and what a step must not do: allocate.</summary>
public sealed class InvarianceTests
{
    private const int Width = 96, State = 24, Context = 48;

    [Fact]
    public void ThreadsDoNotChangeABit()
    {
        foreach (CpuInstructionSet instructionSet in CpuOptions.Supported)
        {
            int[] one = Layer(new CpuOptions(instructionSet, 1), 1, 40), three = Layer(new CpuOptions(instructionSet, 3), 1, 40);
            Assert.Equal(one, three);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ABatchGivesTheBitsOfItsItemsAlone(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int count in (int[])[1, 7, 40])
        {
            int[] alone = Layer(backend, 1, count), batch = Layer(backend, 3, count);
            Assert.Equal([.. alone, .. alone, .. alone], batch);
        }
    }

    /// <summary>Different roundings, same mathematics.</summary>
    [Fact]
    public void InstructionSetsAgreeWithinTolerance()
    {
        float[] expected = Floats(Layer(new CpuOptions(CpuInstructionSet.Portable, 1), 2, 9));
        foreach (CpuInstructionSet instructionSet in CpuOptions.Supported)
        {
            using var backend = new CpuBackend(new CpuOptions(instructionSet, 2));
            using var contract = new OpContract(backend, 41);
            float[] actual = Floats(Layer(backend, 2, 9));
            Tensor tensor = contract.Input(ElementType.F32, actual, actual.Length);
            contract.Matches(tensor, Array.ConvertAll(expected, v => (double)v), Tolerances.Layer(Width));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AStepAllocatesNothing(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 42);
        using var layer = new LayerCase(contract, 2, 1);
        Tensor logits = contract.Output(ElementType.F32, 2, Width), tokens = contract.Input(new int[2 * Context], 2, Context);
        Tensor items = contract.Input([0, 1], 2), drawn = contract.Output(ElementType.I32, 4, 2);
        void Step()
        {
            layer.Run();
            backend.Linear(layer.Hidden, layer.Table, Activation.None, null, logits);
            backend.SampleTokens(logits, new SamplingRule(0.9f, 5), 1, 2, items, layer.Cursor, tokens, drawn);
            backend.Advance(layer.Cursor, 1);
        }

        Assert.Equal(0, HostAllocations.Of(Step));
    }

    private static float[] Floats(int[] bits) => Array.ConvertAll(bits, BitConverter.Int32BitsToSingle);

    private static int[] Layer(CpuOptions options, int batch, int count)
    {
        using var backend = new CpuBackend(options);
        return Layer(backend, batch, count);
    }

    private static int[] Layer(IBackend backend, int batch, int count)
    {
        using var contract = new OpContract(backend, 43);
        using var layer = new LayerCase(contract, batch, count);
        layer.Run();
        return layer.Hidden.ToArray<int>();
    }

    /// <summary>One transformer layer, every item of the batch having the same input.</summary>
    private sealed class LayerCase : IDisposable
    {
        private readonly IBackend _backend;
        private readonly AttentionPattern _pattern;
        private readonly Tensor _gain, _keys, _values, _input, _normal, _projected, _attended;

        private readonly PackedMatrix _project, _merge, _mlp;

        public LayerCase(OpContract contract, int batch, int count)
        {
            _backend = contract.Backend;
            _pattern = AttentionPattern.Create(AttentionKind.Dense, Context, 1, Context);
            float[] row = contract.Random.Floats(count * Width);
            float[] rows = [.. Enumerable.Repeat(row, batch).SelectMany(values => values)];
            _input = contract.Input(ElementType.F32, rows, batch, count, Width);
            _gain = contract.Input(ElementType.F32, contract.Random.Floats(Width), Width);
            Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(3 * State), 3 * State);
            _project = _backend.PackCopy(new(contract.Input(ElementType.BF16, contract.Random.Floats(Width * 3 * State, 0.1f), Width, 3 * State), bias));
            _merge = _backend.PackCopy(new(contract.Input(ElementType.F16, contract.Random.Floats(State * Width, 0.1f), State, Width), null));
            _mlp = _backend.PackCopy(new(contract.Input(ElementType.F32, contract.Random.Floats(Width * Width, 0.1f), Width, Width), _gain));
            Table = _backend.PackCopy(new(contract.Input(ElementType.F32, contract.Random.Floats(Width * Width), Width, Width), null, OutputMajor: true));
            _keys = contract.Output(ElementType.F32, batch, Context, State);
            _values = contract.Output(ElementType.F32, batch, Context, State);
            Hidden = contract.Output(ElementType.F32, batch, count, Width);
            _normal = contract.Output(ElementType.F32, batch, count, Width);
            _projected = contract.Output(ElementType.F32, batch, count, 3 * State);
            _attended = contract.Output(ElementType.F32, batch, count, State);
            Cursor = contract.Cursor(0);
        }

        public Tensor Hidden { get; }

        public PackedMatrix Table { get; }

        public Tensor Cursor { get; }

        public void Dispose()
        {
            foreach (PackedMatrix matrix in (PackedMatrix[])[_project, _merge, _mlp, Table])
            {
                matrix.Dispose();
            }
        }

        public void Run()
        {
            _backend.LayerNorm(_input, _gain, _gain, _normal);
            _backend.Linear(_normal, _project, Activation.None, null, _projected);
            _backend.AppendToCache(_projected, _keys, _values, _pattern, Cursor);
            _backend.Attend(_projected, _keys, _values, _pattern, 2, Cursor, _attended);
            _backend.Linear(_attended, _merge, Activation.None, _input, Hidden);
            _backend.Linear(_normal, _mlp, Activation.QuickGelu, Hidden, Hidden);
        }
    }
}
