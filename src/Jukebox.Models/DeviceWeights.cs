using Jukebox.Core;

namespace Jukebox.Models;

/// <summary>Gain and bias of a layer norm, both (C).</summary>
public readonly record struct LayerNormWeights(Tensor Gain, Tensor Bias);

/// <summary>
/// The tensors of one weight file on one device, each made usable when it is asked for. Frees them together; the file
/// must stay open until then.
/// </summary>
public sealed class DeviceWeights(IBackend backend, WeightFile file) : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    /// <summary>The tensor of that name.</summary>
    /// <exception cref="DamagedFileException">There is none.</exception>
    public Tensor this[string name]
    {
        get
        {
            if (!_tensors.TryGetValue(name, out Tensor tensor))
            {
                tensor = backend.Load(file[name]);
                _tensors.Add(name, tensor);
            }

            return tensor;
        }
    }

    /// <summary>A linear layer of a transformer: <c>prefix.w</c> (Cin, Cout), <c>prefix.b</c> (Cout).</summary>
    public LinearWeights Linear(string prefix) => new(this[$"{prefix}.w"], this[$"{prefix}.b"]);

    /// <summary>A layer norm: <c>prefix.weight</c> and <c>prefix.bias</c>.</summary>
    public LayerNormWeights LayerNorm(string prefix) => new(this[$"{prefix}.weight"], this[$"{prefix}.bias"]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Buffer.Dispose();
        }

        _tensors.Clear();
    }
}
