using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.VqVaes;

/// <summary>
/// Convolutional layers in a row, from (N, T, Cin) to (N, T′, Cout): an encoder or decoder of the VQ-VAE, or the
/// conditioner of a prior. Owns its weights.
/// </summary>
public sealed class ConvStack : IDisposable
{
    private readonly List<ConvLayer> _layers = [];
    private readonly List<DeviceBuffer> _weights = [];
    private readonly IBackend _backend;
    private readonly WeightFile _file;
    private Tensor _signalA, _signalB;
    private int _reservedLength;

    private ConvStack(IBackend backend, WeightFile file, IReadOnlyList<ConvLayerSpec> layout)
    {
        _backend = backend;
        _file = file;
        try
        {
            foreach (ConvLayerSpec spec in layout)
            {
                _layers.Add(new ConvLayer(spec, LoadWeights(spec.Name), spec.PointwiseName is { } pointwise ? LoadWeights(pointwise) : null));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Channels in.</summary>
    public int InputWidth => _layers[0].InputWidth;

    /// <summary>Channels out.</summary>
    public int OutputWidth => _layers[^1].OutputWidth;

    /// <summary>The layers in the order they run.</summary>
    internal IReadOnlyList<ConvLayer> Layers => _layers;

    /// <summary>The device.</summary>
    internal IBackend Backend => _backend;

    /// <summary>The conditioner of a prior that has <see cref="PriorSpec.UpperCodes"/>; its weights were checked against their table.</summary>
    public static ConvStack LoadConditioner(IBackend backend, WeightFile file, PriorSpec prior, VqVaeSpec vqvae) =>
        new(backend, file, ConvLayout.Conditioner(prior, vqvae));

    /// <summary>The encoder of a level.</summary>
    internal static ConvStack LoadEncoder(IBackend backend, WeightFile file, VqVaeSpec spec, int level) =>
        new(backend, file, ConvLayout.Encoder(spec, level));

    /// <summary>The decoder of a level.</summary>
    internal static ConvStack LoadDecoder(IBackend backend, WeightFile file, VqVaeSpec spec, int level) =>
        new(backend, file, ConvLayout.Decoder(spec, level));

    /// <summary>Positions out for that many in.</summary>
    public long OutputLength(long inputLength)
    {
        foreach (ConvLayer layer in _layers)
        {
            inputLength = layer.OutputLength(inputLength);
        }

        return inputLength;
    }

    /// <summary>Input positions that the outputs depend on, those outside the signal among them.</summary>
    public RowRange InputsOf(RowRange outputs)
    {
        for (int i = _layers.Count - 1; i >= 0; i--)
        {
            outputs = _layers[i].InputsOf(outputs);
        }

        return outputs;
    }

    /// <summary>Multiplications and additions for a signal of <paramref name="inputLength"/> positions.</summary>
    public long Operations(long inputLength)
    {
        long operations = 0;
        foreach (ConvLayer layer in _layers)
        {
            inputLength = layer.OutputLength(inputLength);
            operations += inputLength * layer.OperationsPerPosition;
        }

        return operations;
    }

    /// <summary>
    /// Takes the scratch that <see cref="Run"/> needs for signals of up to <paramref name="inputLength"/> positions; the
    /// items of a batch share it. Once per stack.
    /// </summary>
    public void Reserve(Workspace workspace, string name, int inputLength)
    {
        long elements = 0, length = inputLength;
        foreach (ConvLayer layer in _layers)
        {
            length = layer.OutputLength(length);
            elements = layer == _layers[^1] ? elements : Math.Max(elements, length * layer.OutputWidth);
        }

        _signalA = workspace.Allocate($"{name}.a", ElementType.F32, checked((int)elements));
        _signalB = workspace.Allocate($"{name}.b", ElementType.F32, checked((int)elements));
        _reservedLength = inputLength;
    }

    /// <summary>
    /// Runs every layer over whole signals, within the reserved scratch: x (N, T, Cin), y (N, T′, Cout), T′ being
    /// <see cref="OutputLength"/>. The items are independent, zero padding at the ends of each.
    /// </summary>
    public void Run(Tensor x, Tensor y)
    {
        if (x.Shape[1] > _reservedLength)
        {
            throw new ArgumentException($"{x.Shape[1]} positions, scratch is reserved for {_reservedLength}", nameof(x));
        }

        for (int n = 0; n < x.Shape[0]; n++)
        {
            RunItem(x.Slice(n, 1), y.Slice(n, 1));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (DeviceBuffer buffer in _weights)
        {
            buffer.Dispose();
        }

        _weights.Clear();
    }

    private void RunItem(Tensor x, Tensor y)
    {
        Tensor current = x, free = _signalA, next = _signalB;
        foreach (ConvLayer layer in _layers)
        {
            int length = (int)layer.OutputLength(current.Shape[1]);
            Tensor output = layer == _layers[^1] ? y : free.Prefix(1, length, layer.OutputWidth);
            layer.Run(_backend, current, 0, output, 0);
            current = output;
            (free, next) = (next, free);
        }
    }

    private ConvWeights LoadWeights(string prefix) => new(Load($"{prefix}.weight"), Load($"{prefix}.bias"));

    private Tensor Load(string name)
    {
        Tensor tensor = _backend.Load(_file[name]);
        _weights.Add(tensor.Buffer);
        return tensor;
    }
}
