using Jukebox.Core.Contract;

namespace Jukebox.Testing.Reference;

public static partial class ReferenceOps
{
    /// <summary>
    /// y[n,t] = (p + t = 0 ? start[n] : table[tokens[n, p + t − 1]]) + positions[p + t] + condition[n, p + t].
    /// </summary>
    public static double[] Embed(
        int[] tokens, double[] table, double[] start, double[] positions, double[]? condition, int batch, int first, int count, int width)
    {
        int tokenCount = tokens.Length / batch, conditioned = (condition?.Length ?? 0) / batch / width;
        var y = new double[batch * count * width];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++)
            {
                int p = first + t;
                for (int c = 0; c < width; c++)
                {
                    double token = p == 0 ? start[(n * width) + c] : table[(tokens[(n * tokenCount) + p - 1] * width) + c];
                    double value = condition is null ? 0 : condition[(((n * conditioned) + p) * width) + c];
                    y[(((n * count) + t) * width) + c] = token + positions[(p * width) + c] + value;
                }
            }
        }

        return y;
    }

    /// <summary>y = x · sigmoid(1.702 · x).</summary>
    public static double[] QuickGelu(double[] x) => Array.ConvertAll(x, v => v / (1 + Math.Exp(-1.702 * v)));

    /// <summary>losses[r] = −log₂ softmax(logits[r])[targets[r]].</summary>
    public static double[] CrossEntropy(double[] logits, int[] targets, int width)
    {
        var losses = new double[targets.Length];
        for (int r = 0; r < targets.Length; r++)
        {
            double largest = double.NegativeInfinity, sum = 0;
            for (int k = 0; k < width; k++)
            {
                largest = Math.Max(largest, logits[(r * width) + k]);
            }

            for (int k = 0; k < width; k++)
            {
                sum += Math.Exp(logits[(r * width) + k] - largest);
            }

            losses[r] = (Math.Log(sum) + largest - logits[(r * width) + targets[r]]) / Math.Log(2);
        }

        return losses;
    }

    /// <summary>
    /// g = gradient / divisor, m = β₁m + (1 − β₁)g, v = β₂v + (1 − β₂)g², p = p − η · (m / (√v + ε) + decay · p).
    /// </summary>
    public static (double[] Parameters, double[] First, double[] Second) Adam(
        double[] parameters, double[] gradients, double[] first, double[] second, AdamRule rule)
    {
        var (p, m, v) = (new double[parameters.Length], new double[parameters.Length], new double[parameters.Length]);
        for (int i = 0; i < p.Length; i++)
        {
            double g = gradients[i] / rule.Divisor;
            m[i] = (rule.FirstDecay * first[i]) + ((1.0 - rule.FirstDecay) * g);
            v[i] = (rule.SecondDecay * second[i]) + ((1.0 - rule.SecondDecay) * g * g);
            p[i] = parameters[i] - (rule.StepSize * ((m[i] / (Math.Sqrt(v[i]) + rule.Epsilon)) + (rule.WeightDecay * parameters[i])));
        }

        return (p, m, v);
    }
}
