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
    private readonly List<PackedMatrix> _packed = [];

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
    public PackedMatrix Linear(string prefix) => Packed($"{prefix}.w", $"{prefix}.b", outputMajor: false);

    /// <summary>A table (K, C) that makes logits, packed; no bias.</summary>
    public PackedMatrix Logits(string name) => Packed(name, null, outputMajor: true);

    /// <summary>A layer norm: <c>prefix.weight</c> and <c>prefix.bias</c>.</summary>
    public LayerNormWeights LayerNorm(string prefix) => new(this[$"{prefix}.weight"], this[$"{prefix}.bias"]);

    /// <inheritdoc/>
    public void Dispose()
    {
        _packed.ForEach(matrix => matrix.Dispose());
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Buffer.Dispose();
        }

        _tensors.Clear();
        _packed.Clear();
    }

    /// <summary>Loads and packs; a tensor that is asked for by name as well is there twice, except where it is read in the mapped file.</summary>
    private PackedMatrix Packed(string weight, string? bias, bool outputMajor)
    {
        Tensor matrix = backend.Load(file[weight]);
        Tensor? added = null;
        try
        {
            added = bias is null ? null : backend.Load(file[bias]);
            PackedMatrix packed = backend.Pack(new LinearWeights(matrix, added, outputMajor));
            _packed.Add(packed);
            return packed;
        }
        catch
        {
            matrix.Buffer.Dispose();
            added?.Buffer.Dispose();
            throw;
        }
    }
}
