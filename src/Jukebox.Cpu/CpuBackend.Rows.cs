using Jukebox.Core;

namespace Jukebox.Cpu;

/// <summary>Operations on one row at a time.</summary>
public sealed unsafe partial class CpuBackend
{
    private Kernel _layerNorm;

    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor gain, Tensor bias, Tensor y)
    {
        int width = x.Shape[-1];
        Require(y.Shape == x.Shape && gain.LengthElements == width && bias.LengthElements == width, "layer norm", x, gain, bias, y);
        var job = new LayerNormJob
        {
            Input = Floats(x),
            Output = Floats(y),
            Gain = Floats(gain),
            Bias = Floats(bias),
            RowCount = x.Shape.RowCount,
            Width = width,
            RowsPerPart = Math.Max(1, 16 * 1024 / Math.Max(width, 1)),
        };
        _team.Run(_layerNorm, &job, (job.RowCount + job.RowsPerPart - 1) / job.RowsPerPart);
    }
}
