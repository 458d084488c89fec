using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Testing;

/// <summary>Packs linear layers whose tensors the test goes on using.</summary>
public static class PackedLinear
{
    /// <summary>A copy of the layer, packed.</summary>
    public static PackedMatrix PackCopy(this IBackend backend, in LinearWeights weights) =>
        backend.Pack(new LinearWeights(Copy(backend, weights.Weight), weights.Bias is { } bias ? Copy(backend, bias) : null, weights.OutputMajor));

    private static Tensor Copy(IBackend backend, Tensor source)
    {
        var copy = new Tensor(backend.Allocate(Math.Max(1, source.LengthBytes)), source.Type, source.Shape);
        backend.Copy(source, copy);
        return copy;
    }
}
