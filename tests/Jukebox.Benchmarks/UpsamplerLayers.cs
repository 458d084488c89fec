using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Benchmarks;

/// <summary>
/// The operations of an upsampler at its published shape on random weights: width 1,920, attention width 480 in one
/// head, 128 blocks of 64 positions, layers of kind 1, 2, 3 in turn.
/// </summary>
internal sealed class UpsamplerLayers
{
    public const int Width = 1920;
    public const int State = 480;
    public const int BlockLength = 64;
    public const int CodebookSize = 2048;

    private readonly Bench _bench;
    private readonly Layer[] _layers;
    private readonly Tensor _gain, _bias, _input;
    private readonly PackedMatrix _table;
    private readonly int _rows;

    public UpsamplerLayers(Bench bench, int layerCount, ElementType type, int batch, int chunk, int context)
    {
        (_bench, Batch, Chunk, _rows) = (bench, batch, chunk, batch * chunk);
        _gain = bench.Random(ElementType.F32, Width);
        _bias = bench.Random(ElementType.F32, Width);
        _input = bench.Random(ElementType.F32, batch, chunk, Width);
        _table = bench.Backend.Pack(new LinearWeights(bench.Random(type, CodebookSize, Width), null, OutputMajor: true));
        _layers = [.. Enumerable.Range(0, layerCount).Select(depth => new Layer(bench, depth, type, batch, chunk, context))];
        Cursor = new Tensor(bench.Backend.Allocate(8), ElementType.I32, new Shape(2));
        Position = chunk == 1 ? (context / 2) + (BlockLength / 2) : 0;
        Cursor.Upload<int>([Position, Position]);
        Hidden = bench.Random(ElementType.F32, batch, chunk, Width);
        Normal = bench.Random(ElementType.F32, batch, chunk, Width);
        Middle = bench.Random(ElementType.F32, batch, chunk, Width);
        Projected = bench.Random(ElementType.F32, batch, chunk, 3 * State);
        Attended = bench.Random(ElementType.F32, batch, chunk, State);
        Logits = bench.Random(ElementType.F32, batch, 1, CodebookSize);
    }

    public int Batch { get; }

    public int Chunk { get; }

    public int Position { get; }

    public Tensor Cursor { get; }

    public Tensor Hidden { get; }

    public Tensor Logits { get; }

    /// <summary>Bytes of all weights.</summary>
    public double WeightBytes => _layers.Sum(layer => (double)layer.WeightBytes) + _table.LengthBytes;

    /// <summary>Bytes of keys and values that one step reads.</summary>
    public double CacheBytes => _layers.Sum(layer => 2.0 * sizeof(float) * State * layer.Pattern.Visible(Position).Count) * Batch;

    /// <summary>Operations of the linear layers, two per multiply-add.</summary>
    public double LinearFlops => 2.0 * _rows * _layers.Length * ((Width * 3.0 * State) + (State * Width) + (2.0 * Width * Width));

    private Tensor Normal { get; }

    private Tensor Middle { get; }

    private Tensor Projected { get; }

    private Tensor Attended { get; }

    /// <summary>All layers over the rows, from the same input each time.</summary>
    public void Run(bool logits)
    {
        IBackend backend = _bench.Backend;
        backend.Copy(_input, Hidden);
        foreach (Layer layer in _layers)
        {
            backend.LayerNorm(Hidden, _gain, _bias, Normal);
            backend.Linear(Normal, layer.Project, Activation.None, null, Projected);
            backend.AppendToCache(Projected, layer.Keys, layer.Values, layer.Pattern, Cursor);
            backend.Attend(Projected, layer.Keys, layer.Values, layer.Pattern, 1, Cursor, Attended);
            backend.Linear(Attended, layer.Merge, Activation.None, Hidden, Hidden);
            backend.LayerNorm(Hidden, _gain, _bias, Normal);
            backend.Linear(Normal, layer.Expand, Activation.QuickGelu, null, Middle);
            backend.Linear(Middle, layer.Contract, Activation.None, Hidden, Hidden);
        }

        if (logits)
        {
            backend.Linear(Hidden, _table, Activation.None, null, Logits);
        }
    }

    /// <summary>The linear layers alone.</summary>
    public void RunLinear()
    {
        foreach (Layer layer in _layers)
        {
            _bench.Backend.Linear(Normal, layer.Project, Activation.None, null, Projected);
            _bench.Backend.Linear(Attended, layer.Merge, Activation.None, Hidden, Hidden);
            _bench.Backend.Linear(Normal, layer.Expand, Activation.QuickGelu, null, Middle);
            _bench.Backend.Linear(Middle, layer.Contract, Activation.None, Hidden, Hidden);
        }
    }

    /// <summary>One linear layer against double precision at a few outputs, and every item against the first.</summary>
    public void Verify()
    {
        Run(logits: Chunk == 1);
        IBackend backend = _bench.Backend;
        backend.Linear(Normal, _layers[0].Expand, Activation.None, null, Middle);
        float[] x = Normal.ToArray<float>(), y = Middle.ToArray<float>(), bias = _layers[0].Expanding.Bias!.Value.ToArray<float>();
        Tensor single = _bench.Random(ElementType.F32, Width, Width);
        backend.Convert(_layers[0].Expanding.Weight, single);
        float[] weight = single.ToArray<float>();
        single.Buffer.Dispose();
        foreach (int column in (int[])[0, 1, 777, Width - 1])
        {
            int row = _rows - 1;
            double sum = bias[column];
            for (int k = 0; k < Width; k++)
            {
                sum += (double)x[(row * Width) + k] * weight[(k * Width) + column];
            }

            Bench.Verify(Math.Abs(sum - y[(row * Width) + column]) < 1e-4 * Math.Max(1, Math.Abs(sum)), $"output {column}: {y[(row * Width) + column]}, not {sum}");
        }
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[_gain, _bias, _input, Cursor, Hidden, Normal, Middle, Projected, Attended, Logits])
        {
            tensor.Buffer.Dispose();
        }

        _table.Dispose();
        foreach (Layer layer in _layers)
        {
            layer.Dispose();
        }
    }

    private sealed class Layer
    {
        private readonly Bench _bench;
        private readonly int _batch;

        public Layer(Bench bench, int depth, ElementType type, int batch, int chunk, int context)
        {
            (_bench, _batch) = (bench, batch);
            Pattern = AttentionPattern.Create((AttentionKind)(1 + (depth % 3)), context, context / BlockLength, chunk);
            LinearWeights Random(int inputs, int outputs) => new(bench.Random(type, inputs, outputs), bench.Random(ElementType.F32, outputs));
            Expanding = Random(Width, Width);
            Project = bench.Backend.Pack(Random(Width, 3 * State));
            Merge = bench.Backend.Pack(Random(State, Width));
            Expand = bench.Backend.Pack(Expanding);
            Contract = bench.Backend.Pack(Random(Width, Width));
        }

        public AttentionPattern Pattern { get; }

        /// <summary>What <see cref="Expand"/> reads.</summary>
        public LinearWeights Expanding { get; }

        public PackedMatrix Project { get; }

        public PackedMatrix Merge { get; }

        public PackedMatrix Expand { get; }

        public PackedMatrix Contract { get; }

        public Tensor Keys => field.Buffer is null ? field = Cache() : field;

        public Tensor Values => field.Buffer is null ? field = Cache() : field;

        public long WeightBytes => Project.LengthBytes + Merge.LengthBytes + Expand.LengthBytes + Contract.LengthBytes;

        public void Dispose()
        {
            foreach (IDisposable owned in (IDisposable[])[Project, Merge, Expand, Contract, Keys.Buffer, Values.Buffer])
            {
                owned.Dispose();
            }
        }

        private Tensor Cache() => _bench.Random(ElementType.F32, _batch, Pattern.CacheLength, State);
    }
}
