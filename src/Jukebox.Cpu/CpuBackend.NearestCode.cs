using Jukebox.Core;

namespace Jukebox.Cpu;

/// <summary>The quantiser.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void NearestCode(Tensor x, Tensor codebook, Tensor codes)
    {
        int width = codebook.Shape[1];
        for (long r = 0; r < codes.LengthElements; r++)
        {
            float best = float.PositiveInfinity, norm = 0;
            float* row = Floats(x) + (r * width);
            for (int c = 0; c < width; c++)
            {
                norm += row[c] * row[c];
            }

            for (int k = 0; k < codebook.Shape[0]; k++)
            {
                float dot = 0, codeNorm = 0;
                for (int c = 0; c < width; c++)
                {
                    float code = Floats(codebook)[((long)k * width) + c];
                    dot += row[c] * code;
                    codeNorm += code * code;
                }

                float distance = norm - (2 * dot) + codeNorm;
                if (distance < best)
                {
                    best = distance;
                    Ints(codes)[r] = k;
                }
            }
        }
    }
}
