using Jukebox.Core.Contract;

namespace Jukebox.Cpu.Linear;

/// <summary>A linear layer read where its tensors lie: a mapped weight file is not copied.</summary>
internal sealed class CpuMatrix(in LinearWeights weights) : PackedMatrix(weights.InputWidth, weights.OutputWidth, weights.Weight.Type)
{
    private readonly LinearWeights _weights = weights;

    /// <summary>The tensors.</summary>
    public LinearWeights Weights => IsDisposed ? throw new ObjectDisposedException(nameof(PackedMatrix)) : _weights;

    /// <inheritdoc/>
    public override string Layout => _weights.OutputMajor ? "output-major" : "input-major";

    /// <inheritdoc/>
    public override long LengthBytes => _weights.Weight.LengthBytes;

    /// <inheritdoc/>
    protected override void Free()
    {
        _weights.Weight.Buffer.Dispose();
        _weights.Bias?.Buffer.Dispose();
    }
}
