using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;

namespace Jukebox.Tests.Linear;

/// <summary>What a linear layer does besides multiplying.</summary>
[Flags]
public enum Extras
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A bias.</summary>
    Bias = 1,

    /// <summary>QuickGELU.</summary>
    Gelu = 2,

    /// <summary>A residual, which is the output's buffer.</summary>
    Residual = 4,

    /// <summary>A layer norm of the input.</summary>
    Norm = 8,
}

/// <summary>A linear layer with its inputs on a backend, of values that its storage holds exactly.</summary>
internal sealed class LinearCase : IDisposable
{
    private readonly OpContract _contract;
    private readonly int _inputs, _outputs;
    private readonly Extras _extras;
    private readonly PackedMatrix _packed;
    private readonly Tensor? _bias;
    private readonly double[] _weight;
    private readonly Tensor _x, _added, _room;
    private readonly LayerNormWeights _norm;

    public LinearCase(OpContract contract, int rows, int inputs, int outputs, Extras extras, ElementType type = ElementType.F32)
    {
        (_contract, Rows, _inputs, _outputs, _extras) = (contract, rows, inputs, outputs, extras);
        TestRandom random = contract.Random;
        Tensor weight = contract.Input(type, random.Floats((long)inputs * outputs), inputs, outputs);
        _bias = extras.HasFlag(Extras.Bias) ? contract.Input(type, random.Floats(outputs), outputs) : null;
        _packed = contract.Backend.PackCopy(new LinearWeights(weight, _bias));
        Storage = _packed.Type;
        _weight = OpContract.StoredAs(weight, Storage);
        _x = contract.Input(ElementType.F32, OpContract.Rounded(random.Floats((long)rows * inputs), Storage), rows, inputs);
        _added = contract.Input(ElementType.F32, random.Floats((long)rows * outputs), rows, outputs);
        _room = contract.Output(ElementType.F32, rows, inputs);
        _norm = new LayerNormWeights(contract.Input(type, random.Floats(inputs), inputs), contract.Input(type, random.Floats(inputs), inputs));
    }

    public int Rows { get; }

    public ElementType Storage { get; }

    public void Dispose() => _packed.Dispose();

    /// <summary>The output of all rows, computed so many at a time.</summary>
    public Tensor Run(int rowsAtOnce)
    {
        Tensor y = _contract.Output(ElementType.F32, Rows, _outputs);
        if (_extras.HasFlag(Extras.Residual))
        {
            _contract.Backend.Copy(_added, y);
        }

        Activation activation = _extras.HasFlag(Extras.Gelu) ? Activation.QuickGelu : Activation.None;
        for (int row = 0; row < Rows; row += rowsAtOnce)
        {
            int count = Math.Min(rowsAtOnce, Rows - row);
            Tensor x = _x.Slice(row, count), part = y.Slice(row, count);
            if (_extras.HasFlag(Extras.Norm))
            {
                _contract.Backend.NormLinear(x, _norm, _packed, activation, null, _room.Slice(row, count), part);
            }
            else
            {
                _contract.Backend.Linear(x, _packed, activation, _extras.HasFlag(Extras.Residual) ? part : null, part);
            }
        }

        return y;
    }

    /// <summary>The same from the norm and the linear layer as two operations.</summary>
    public Tensor RunApart()
    {
        Tensor normed = _contract.Output(ElementType.F32, Rows, _inputs), y = _contract.Output(ElementType.F32, Rows, _outputs);
        _contract.Backend.LayerNorm(_x, _norm.Gain, _norm.Bias, normed);
        Activation activation = _extras.HasFlag(Extras.Gelu) ? Activation.QuickGelu : Activation.None;
        _contract.Backend.Linear(normed, _packed, activation, null, y);
        return y;
    }

    /// <summary>In double; without a norm.</summary>
    public double[] Expected() => ReferenceOps.Linear(
        OpContract.Stored(_x),
        _weight,
        _bias is { } bias ? OpContract.Stored(bias) : null,
        outputMajor: false,
        _extras.HasFlag(Extras.Gelu),
        _extras.HasFlag(Extras.Residual) ? OpContract.Stored(_added) : null,
        _inputs,
        _outputs);
}
