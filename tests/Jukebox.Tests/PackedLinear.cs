using Jukebox.Core.Contract;

namespace Jukebox.Tests;

/// <summary>A linear layer as the backend reads it; frees what packing allocated.</summary>
public sealed class PackedLinear : IDisposable
{
    private readonly LinearWeights _source;

    /// <summary>Packs; the argument's buffers stay the caller's.</summary>
    public PackedLinear(IBackend backend, in LinearWeights source)
    {
        _source = source;
        Weights = backend.Pack(source);
    }

    /// <summary>What the operations take.</summary>
    public LinearWeights Weights { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Weights.Weight.Buffer != _source.Weight.Buffer)
        {
            Weights.Weight.Buffer.Dispose();
        }

        if (Weights.Bias is { } bias && bias.Buffer != _source.Bias!.Value.Buffer)
        {
            bias.Buffer.Dispose();
        }
    }
}
