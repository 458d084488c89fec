using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Benchmarks;

/// <summary>
/// The operations of one layer of a prior, forward and backward over whole windows, on random weights: attention of one
/// kind, then two linear layers with QuickGELU between them, each after a norm and beside a residual.
/// </summary>
internal sealed class TrainedLayer : IDisposable
{
    private const int BlockLength = 64;

    private readonly ITrainingBackend _backend;
    private readonly AttentionPattern _pattern;
    private readonly int _rows, _width, _state, _heads;
    private readonly List<Tensor> _owned = [];

    // What the forward pass leaves for the backward pass: (N, T, C) but for the caches, (N, L, S).
    private readonly Tensor _input, _normed, _projected, _keys, _values, _attended, _hidden, _hiddenNormed, _expanded, _active, _output;

    // Gradients on their way back, of the same shapes.
    private readonly Tensor _outputGradient, _wide, _expandedGradient, _hiddenGradient, _attendedGradient, _projectedGradient, _keyGradient, _valueGradient;

    private readonly Tensor _gain, _gainGradient, _biasGradient, _cursor;
    private readonly LinearWeights _project, _merge, _expand, _contract, _projectGradient, _mergeGradient, _expandGradient, _contractGradient;

    public TrainedLayer(Bench bench, AttentionKind kind, int batch, int length, int width, int state, int heads)
    {
        (_backend, _rows, _width, _state, _heads) = (bench.Backend, batch * length, width, state, heads);
        _pattern = AttentionPattern.Create(kind, length, length / BlockLength, length);
        Tensor Owned(params ReadOnlySpan<int> extents)
        {
            Tensor tensor = bench.Random(ElementType.F32, extents);
            _owned.Add(tensor);
            return tensor;
        }

        LinearWeights Layer(int inputs, int outputs) => new(Owned(inputs, outputs), Owned(outputs));
        Tensor Activations(int channels) => Owned(batch, length, channels);
        (_input, _normed, _hidden, _hiddenNormed) = (Activations(width), Activations(width), Activations(width), Activations(width));
        (_expanded, _active, _output, _outputGradient) = (Activations(width), Activations(width), Activations(width), Activations(width));
        (_wide, _expandedGradient, _hiddenGradient) = (Activations(width), Activations(width), Activations(width));
        (_projected, _projectedGradient) = (Activations(3 * state), Activations(3 * state));
        (_attended, _attendedGradient) = (Activations(state), Activations(state));
        (_keys, _values, _keyGradient, _valueGradient) = (Activations(state), Activations(state), Activations(state), Activations(state));
        (_gain, _gainGradient, _biasGradient) = (Owned(width), Owned(width), Owned(width));
        (_project, _merge, _expand, _contract) = (Layer(width, 3 * state), Layer(state, width), Layer(width, width), Layer(width, width));
        (_projectGradient, _mergeGradient) = (Layer(width, 3 * state), Layer(state, width));
        (_expandGradient, _contractGradient) = (Layer(width, width), Layer(width, width));
        _cursor = new Tensor(_backend.Allocate(8), ElementType.I32, new Shape(2));
        _owned.Add(_cursor);
        _cursor.Upload<int>([0, 0]);
    }

    /// <summary>Operations of the linear layers and their two gradients each, two per multiply-add.</summary>
    public double LinearFlops => 3 * 2.0 * _rows * ((4.0 * _width * _state) + (2.0 * _width * _width));

    /// <summary>The layer and its gradients.</summary>
    public void Run()
    {
        Forward();
        Backward();
    }

    public void Forward()
    {
        _backend.LayerNorm(_input, _gain, _gain, _normed);
        _backend.LinearForward(_normed, _project, null, _projected);
        _backend.AppendToCache(_projected, _keys, _values, _pattern, _cursor);
        _backend.Attend(_projected, _keys, _values, _pattern, _heads, _cursor, _attended);
        _backend.LinearForward(_attended, _merge, _input, _hidden);
        _backend.LayerNorm(_hidden, _gain, _gain, _hiddenNormed);
        _backend.LinearForward(_hiddenNormed, _expand, null, _expanded);
        _backend.QuickGelu(_expanded, _active);
        _backend.LinearForward(_active, _contract, _hidden, _output);
    }

    /// <summary>A weight's gradient against double precision at a few places.</summary>
    public void Verify()
    {
        Run();
        foreach (Tensor tensor in (Tensor[])[_contractGradient.Weight, _contractGradient.Bias!.Value])
        {
            tensor.Upload<float>(new float[tensor.LengthElements]);
        }

        _backend.LinearWeightGradient(_active, _outputGradient, _contractGradient);
        float[] x = _active.ToArray<float>(), dy = _outputGradient.ToArray<float>(), weight = _contractGradient.Weight.ToArray<float>();
        foreach (int at in (int[])[0, _width + 1, weight.Length - 1])
        {
            double sum = 0;
            for (int row = 0; row < _rows; row++)
            {
                sum += (double)x[(row * _width) + (at / _width)] * dy[(row * _width) + (at % _width)];
            }

            Bench.Verify(Math.Abs(sum - weight[at]) < 1e-4, $"gradient {at}: {weight[at]}, not {sum}");
        }
    }

    public void Dispose() => _owned.ForEach(tensor => tensor.Buffer.Dispose());

    private void Backward()
    {
        _backend.LinearWeightGradient(_active, _outputGradient, _contractGradient);
        _backend.LinearInputGradient(_outputGradient, _contract, null, _wide);
        _backend.QuickGeluGradient(_expanded, _wide, _expandedGradient);
        _backend.LinearWeightGradient(_hiddenNormed, _expandedGradient, _expandGradient);
        _backend.LinearInputGradient(_expandedGradient, _expand, null, _wide);
        _backend.LayerNormGradient(_hidden, _gain, _wide, _outputGradient, _hiddenGradient, new LayerNormWeights(_gainGradient, _biasGradient));
        _backend.LinearWeightGradient(_attended, _hiddenGradient, _mergeGradient);
        _backend.LinearInputGradient(_hiddenGradient, _merge, null, _attendedGradient);
        _backend.AttendGradient(_projected, _keys, _values, _pattern, _heads, _attendedGradient, _projectedGradient, _keyGradient, _valueGradient);
        _backend.AppendToCacheGradient(_keyGradient, _valueGradient, _pattern, _projectedGradient);
        _backend.LinearWeightGradient(_normed, _projectedGradient, _projectGradient);
        _backend.LinearInputGradient(_projectedGradient, _project, null, _wide);
        _backend.LayerNormGradient(_input, _gain, _wide, _hiddenGradient, _wide, new LayerNormWeights(_gainGradient, _biasGradient));
    }
}
