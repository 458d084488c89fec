using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Models;

/// <summary>
/// The residual dilated stack of VQ-VAE and conditioners.
/// </summary>
/// <param name="Width">Channels.</param>
/// <param name="Depth">Residual blocks.</param>
/// <param name="DilationGrowth">Factor from one block's dilation to the next.</param>
/// <param name="DilationCycle">Blocks after which the dilation starts over, or none.</param>
/// <param name="Reversed">Whether the blocks run from large dilations to small.</param>
/// <param name="Scale">Factor of every residual branch: 1, or 1/√depth.</param>
public readonly record struct ResidualStackSpec(
    int Width, int Depth, int DilationGrowth, int? DilationCycle, bool Reversed, float Scale)
{
    /// <summary>Dilation of the block that runs <paramref name="index"/>-th.</summary>
    public int DilationAt(int index)
    {
        int created = Reversed ? Depth - 1 - index : index;
        int exponent = DilationCycle is { } cycle ? created % cycle : created;
        int dilation = 1;
        for (int i = 0; i < exponent; i++)
        {
            dilation = checked(dilation * DilationGrowth);
        }

        return dilation;
    }
}

/// <summary>
/// Convolutional layers in a row, from (N, T, Cin) to (N, T′, Cout): an encoder or decoder of the VQ-VAE, or the
/// conditioner of a prior. Owns its weights; the weight file must stay open.
/// </summary>
public sealed class ConvStack : IDisposable
{
    private readonly List<ConvLayer> _layers = [];
    private readonly List<DeviceBuffer> _weights = [];
    private readonly IBackend _backend;
    private readonly WeightFile _file;
    private Tensor _signalA, _signalB;
    private int _reservedLength;

    private ConvStack(IBackend backend, WeightFile file)
    {
        _backend = backend;
        _file = file;
    }

    /// <summary>Channels in.</summary>
    public int InputWidth => _layers[0].InputWidth;

    /// <summary>Channels out.</summary>
    public int OutputWidth => _layers[^1].OutputWidth;

    /// <summary>The layers in the order they run.</summary>
    internal IReadOnlyList<ConvLayer> Layers => _layers;

    /// <summary>The device.</summary>
    internal IBackend Backend => _backend;

    /// <summary>
    /// The conditioner of a prior: a convolution, then stages of a residual stack and a transposed convolution that
    /// multiplies the length. <paramref name="vqvae"/> gives the strides of the level above.
    /// </summary>
    /// <param name="backend">The device.</param>
    /// <param name="file">The prior's weights, already checked against their table.</param>
    /// <param name="prior">A prior with <see cref="PriorSpec.UpperCodes"/>.</param>
    /// <param name="vqvae">The VQ-VAE.</param>
    public static ConvStack LoadConditioner(IBackend backend, WeightFile file, PriorSpec prior, VqVaeSpec vqvae)
    {
        UpperCodesSpec upper = prior.UpperCodes ?? throw new ArgumentException($"the prior of level {prior.Level} has no conditioner");
        float scale = upper.ResidualScale ? 1 / MathF.Sqrt(upper.Depth) : 1;
        var residuals = new ResidualStackSpec(upper.Width, upper.Depth, upper.DilationGrowth, upper.DilationCycle, false, scale);
        return Build(backend, file, stack => stack.AddUpsamplingBlock(
            "conditioner_blocks.0.cond.model", "blocks", residuals, vqvae.Downs[prior.Level + 1], vqvae.Strides[prior.Level + 1]));
    }

    /// <summary>The encoder of a level: audio (N, T, 1) to (N, T / hop, E).</summary>
    internal static ConvStack LoadEncoder(IBackend backend, WeightFile file, VqVaeSpec spec, int level) =>
        Build(backend, file, stack =>
        {
            ResidualStackSpec residuals = StackOf(spec, level, reversed: false);
            for (int block = 0; block <= level; block++)
            {
                string prefix = $"encoders.{level}.level_blocks.{block}.model";
                int stride = spec.Strides[block];
                for (int i = 0; i < spec.Downs[block]; i++)
                {
                    stack.AddConvolution($"{prefix}.{i}.0", new ConvGeometry(stride, 1, stride / 2));
                    stack.AddResiduals($"{prefix}.{i}.1.model", residuals);
                }

                stack.AddConvolution($"{prefix}.{spec.Downs[block]}", new ConvGeometry(1, 1, 1));
            }
        });

    /// <summary>The decoder of a level: codebook rows (N, T, E) to audio (N, T · hop, 1).</summary>
    internal static ConvStack LoadDecoder(IBackend backend, WeightFile file, VqVaeSpec spec, int level) =>
        Build(backend, file, stack =>
        {
            ResidualStackSpec residuals = StackOf(spec, level, spec.ReverseDecoderDilation);
            for (int block = level; block >= 0; block--)
            {
                stack.AddUpsamplingBlock(
                    $"decoders.{level}.level_blocks.{block}.model", "model", residuals, spec.Downs[block], spec.Strides[block]);
            }

            stack.AddConvolution($"decoders.{level}.out", new ConvGeometry(1, 1, 1));
        });

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
            throw new ArgumentException($"{x.Shape[1]} positions, scratch is reserved for {_reservedLength}");
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

    private static ConvStack Build(IBackend backend, WeightFile file, Action<ConvStack> add)
    {
        var stack = new ConvStack(backend, file);
        try
        {
            add(stack);
            return stack;
        }
        catch
        {
            stack.Dispose();
            throw;
        }
    }

    private static ResidualStackSpec StackOf(VqVaeSpec spec, int level, bool reversed)
    {
        int multiplier = spec.Multipliers[level];
        return new ResidualStackSpec(
            spec.Width * multiplier, spec.Depth * multiplier, spec.DilationGrowth, spec.DilationCycle, reversed, 1);
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

    private void AddUpsamplingBlock(string prefix, string stackName, ResidualStackSpec residuals, int stages, int stride)
    {
        AddConvolution($"{prefix}.0", new ConvGeometry(1, 1, 1));
        for (int i = 1; i <= stages; i++)
        {
            AddResiduals($"{prefix}.{i}.0.{stackName}", residuals);
            _layers.Add(ConvLayer.Transposed(LoadWeights($"{prefix}.{i}.1"), new ConvGeometry(stride, 1, stride / 2)));
        }
    }

    private void AddResiduals(string prefix, ResidualStackSpec spec)
    {
        for (int b = 0; b < spec.Depth; b++)
        {
            ConvWeights dilated = LoadWeights($"{prefix}.{b}.model.1"), pointwise = LoadWeights($"{prefix}.{b}.model.3");
            _layers.Add(ConvLayer.Residual(dilated, spec.DilationAt(b), pointwise, spec.Scale));
        }
    }

    private void AddConvolution(string prefix, ConvGeometry geometry) =>
        _layers.Add(ConvLayer.Convolution(LoadWeights(prefix), geometry));

    private ConvWeights LoadWeights(string prefix) => new(Load($"{prefix}.weight"), Load($"{prefix}.bias"));

    private Tensor Load(string name)
    {
        Tensor tensor = _backend.Load(_file[name]);
        _weights.Add(tensor.Buffer);
        return tensor;
    }
}
