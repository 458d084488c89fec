namespace Jukebox.Testing.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// y[r,o] = f(Σ_i x[r,i] · w[i,o] + b[o]) + residual[r,o], f being nothing or x · sigmoid(1.702 x);
    /// w[o,i] where the weights are output-major.
    /// </summary>
    public static double[] Linear(
        double[] x, double[] weight, double[]? bias, bool outputMajor, bool gelu, double[]? residual, int inputs, int outputs)
    {
        int rows = x.Length / inputs;
        var y = new double[rows * outputs];
        for (int r = 0; r < rows; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double sum = bias is null ? 0 : bias[o];
                for (int i = 0; i < inputs; i++)
                {
                    sum += x[(r * inputs) + i] * weight[outputMajor ? (o * inputs) + i : (i * outputs) + o];
                }

                sum = gelu ? sum / (1 + Math.Exp(-1.702 * sum)) : sum;
                y[(r * outputs) + o] = sum + (residual is null ? 0 : residual[(r * outputs) + o]);
            }
        }

        return y;
    }
}
