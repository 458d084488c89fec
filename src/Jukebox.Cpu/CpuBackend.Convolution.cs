using Jukebox.Core;

namespace Jukebox.Cpu;

/// <summary>Convolutions over time.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void Conv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, bool reluInput, Tensor? residual, float scale, Tensor y)
    {
        int batch = x.Shape[0], length = x.Shape[1], inputs = weights.InputWidth, outputs = weights.OutputWidth, outputLength = y.Shape[1];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < outputLength; t++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    float sum = 0;
                    for (int j = 0; j < weights.Taps; j++)
                    {
                        int s = (t * geometry.Stride) - geometry.Padding + (j * geometry.Dilation);
                        for (int i = 0; i < inputs && s >= 0 && s < length; i++)
                        {
                            float value = Floats(x)[((((long)n * length) + s) * inputs) + i];
                            value = reluInput ? Math.Max(value, 0) : value;
                            sum = MathF.FusedMultiplyAdd(value, At(weights.Weight, ((((long)j * inputs) + i) * outputs) + o), sum);
                        }
                    }

                    long at = ((((long)n * outputLength) + t) * outputs) + o;
                    sum += At(weights.Bias, o);
                    Floats(y)[at] = residual is { } added ? Floats(added)[at] + (scale * sum) : scale * sum;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void TransposedConv1d(Tensor x, in ConvWeights weights, in ConvGeometry geometry, Tensor y)
    {
        int batch = x.Shape[0], length = x.Shape[1], inputs = weights.InputWidth, outputs = weights.OutputWidth, outputLength = y.Shape[1];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < outputLength; t++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    float sum = 0;
                    for (int j = 0; j < weights.Taps; j++)
                    {
                        int s = t + geometry.Padding - j;
                        for (int i = 0; i < inputs && s >= 0 && s % geometry.Stride == 0 && s / geometry.Stride < length; i++)
                        {
                            float value = Floats(x)[((((long)n * length) + (s / geometry.Stride)) * inputs) + i];
                            sum = MathF.FusedMultiplyAdd(value, At(weights.Weight, ((((long)j * inputs) + i) * outputs) + o), sum);
                        }
                    }

                    Floats(y)[((((long)n * outputLength) + t) * outputs) + o] = sum + At(weights.Bias, o);
                }
            }
        }
    }
}
