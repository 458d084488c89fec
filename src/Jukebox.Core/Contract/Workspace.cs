using Jukebox.Core.Tensors;

namespace Jukebox.Core.Contract;

/// <summary>
/// Scratch and state of one model on one device: every tensor is allocated before the first step, under a name,
/// and freed together. After start-up nothing allocates. Without a backend it only counts: its tensors have no
/// memory, but <see cref="LengthBytes"/> is what the same calls would take.
/// </summary>
public sealed class Workspace(IBackend? backend) : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors = [];

    /// <summary>Bytes allocated so far.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>Allocates a tensor under a name that is new to this workspace. The content is undefined.</summary>
    public Tensor Allocate(string name, ElementType type, params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        long lengthBytes = Math.Max(shape.LengthElements * type.LengthBytes(), 1);
        if (_tensors.ContainsKey(name))
        {
            throw new ArgumentException($"the workspace already holds '{name}'", nameof(name));
        }

        var tensor = new Tensor(backend?.Allocate(lengthBytes)!, type, shape);
        _tensors.Add(name, tensor);
        LengthBytes += lengthBytes;
        return tensor;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in _tensors.Values)
        {
            tensor.Buffer?.Dispose();
        }

        _tensors.Clear();
    }
}
