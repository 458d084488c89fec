using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.VqVaes;

/// <summary>
/// The tensors of one weight file on one device, each made usable when it is asked for. Frees them together; the file
/// must stay open until then.
/// </summary>
public sealed class DeviceWeights(IBackend backend, WeightFile file) : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly List<DeviceBuffer> _packed = [];

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

    /// <summary>A linear layer of a transformer: <c>prefix.w</c> (Cin, Cout), <c>prefix.b</c> (Cout), packed.</summary>
    public LinearWeights Linear(string prefix) => Packed($"{prefix}.w", $"{prefix}.b", outputMajor: false);

    /// <summary>A table (K, C) that makes logits, packed; no bias.</summary>
    public LinearWeights Logits(string name) => Packed(name, null, outputMajor: true);

    /// <summary>A layer norm: <c>prefix.weight</c> and <c>prefix.bias</c>.</summary>
    public LayerNormWeights LayerNorm(string prefix) => new(this[$"{prefix}.weight"], this[$"{prefix}.bias"]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Buffer.Dispose();
        }

        _packed.ForEach(buffer => buffer.Dispose());
        _tensors.Clear();
        _packed.Clear();
    }

    /// <summary>
    /// Loads and packs. What was loaded is freed again where packing made a copy, so that a device never holds a matrix twice;
    /// unless something else asked for it by name.
    /// </summary>
    private LinearWeights Packed(string weight, string? bias, bool outputMajor)
    {
        bool shared = _tensors.ContainsKey(weight);
        var loaded = new LinearWeights(this[weight], bias is null ? null : this[bias], outputMajor);
        LinearWeights packed = backend.Pack(loaded);
        if (packed.Weight.Buffer == loaded.Weight.Buffer)
        {
            return packed;
        }

        _packed.Add(packed.Weight.Buffer);
        if (packed.Bias is { } copy && copy.Buffer != loaded.Bias!.Value.Buffer)
        {
            _packed.Add(copy.Buffer);
        }

        if (!shared)
        {
            loaded.Weight.Buffer.Dispose();
            _tensors.Remove(weight);
        }

        return packed;
    }
}
