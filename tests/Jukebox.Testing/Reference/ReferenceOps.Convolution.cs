namespace Jukebox.Testing.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// y[n,t,o] = bias[o] + Σ_j Σ_i x[n, t · stride − padding + j · dilation, i] · w[j,i,o], zeros outside x;
    /// x (N, T, Cin), w (taps, Cin, Cout), y (N, T′, Cout).
    /// </summary>
    public static double[] Conv1d(
        double[] x, int batch, double[] w, double[] bias, int taps, int stride, int dilation, int padding, bool relu, int outputLength)
    {
        int outputs = bias.Length, inputs = w.Length / taps / outputs, length = x.Length / batch / inputs;
        var y = new double[batch * outputLength * outputs];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < outputLength; t++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double sum = bias[o];
                    for (int j = 0; j < taps; j++)
                    {
                        long s = ((long)t * stride) - padding + ((long)j * dilation);
                        for (int i = 0; i < inputs && s >= 0 && s < length; i++)
                        {
                            double value = x[(((n * length) + s) * inputs) + i];
                            sum += (relu ? Math.Max(value, 0) : value) * w[(((j * inputs) + i) * outputs) + o];
                        }
                    }

                    y[(((n * outputLength) + t) * outputs) + o] = sum;
                }
            }
        }

        return y;
    }

    /// <summary>y[n, s · stride − padding + j, o] += x[n,s,i] · w[j,i,o], plus bias[o]; what falls outside y is lost.</summary>
    public static double[] TransposedConv1d(
        double[] x, int batch, double[] w, double[] bias, int taps, int stride, int padding, int outputLength)
    {
        int outputs = bias.Length, inputs = w.Length / taps / outputs, length = x.Length / batch / inputs;
        var y = new double[batch * outputLength * outputs];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = bias[i % outputs];
        }

        for (int n = 0; n < batch; n++)
        {
            for (int s = 0; s < length; s++)
            {
                for (int j = 0; j < taps; j++)
                {
                    int t = (s * stride) - padding + j;
                    for (int o = 0; o < outputs && t >= 0 && t < outputLength; o++)
                    {
                        for (int i = 0; i < inputs; i++)
                        {
                            y[(((n * outputLength) + t) * outputs) + o] +=
                                x[(((n * length) + s) * inputs) + i] * w[(((j * inputs) + i) * outputs) + o];
                        }
                    }
                }
            }
        }

        return y;
    }

    /// <summary>Distances Σ_c (x[r,c] − k[j,c])²: (R, K).</summary>
    public static double[] Distances(double[] x, double[] codebook, int width)
    {
        int rows = x.Length / width, bins = codebook.Length / width;
        var distances = new double[rows * bins];
        for (int r = 0; r < rows; r++)
        {
            for (int j = 0; j < bins; j++)
            {
                for (int c = 0; c < width; c++)
                {
                    distances[(r * bins) + j] += Math.Pow(x[(r * width) + c] - codebook[(j * width) + c], 2);
                }
            }
        }

        return distances;
    }
}
