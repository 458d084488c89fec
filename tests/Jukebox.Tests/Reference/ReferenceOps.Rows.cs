namespace Jukebox.Tests.Reference;

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
}
