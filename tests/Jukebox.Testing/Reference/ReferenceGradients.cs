namespace Jukebox.Testing.Reference;

/// <summary>The gradient of every operation as plain loops in double precision; checked against central differences.</summary>
public static partial class ReferenceGradients
{
    /// <summary>
    /// dx[r,i] = Σ_o dy[r,o] · w[i,o], dw[i,o] = Σ_r x[r,i] · dy[r,o], db[o] = Σ_r dy[r,o]; w and dw are [o,i] where the
    /// weights are output-major.
    /// </summary>
    public static (double[] Dx, double[] Dw, double[] Db) Linear(double[] x, double[] weight, double[] dy, bool outputMajor, int inputs, int outputs)
    {
        var (dx, dw, db) = (new double[x.Length], new double[weight.Length], new double[outputs]);
        for (int r = 0; r < x.Length / inputs; r++)
        {
            for (int o = 0; o < outputs; o++)
            {
                double delta = dy[(r * outputs) + o];
                db[o] += delta;
                for (int i = 0; i < inputs; i++)
                {
                    int at = outputMajor ? (o * inputs) + i : (i * outputs) + o;
                    dx[(r * inputs) + i] += delta * weight[at];
                    dw[at] += x[(r * inputs) + i] * delta;
                }
            }
        }

        return (dx, dw, db);
    }

    /// <summary>dx = dy · (σ + 1.702 · x · σ · (1 − σ)), σ = sigmoid(1.702 · x).</summary>
    public static double[] QuickGelu(double[] x, double[] dy)
    {
        var dx = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            double sigmoid = 1 / (1 + Math.Exp(-1.702 * x[i]));
            dx[i] = dy[i] * (sigmoid + (1.702 * x[i] * sigmoid * (1 - sigmoid)));
        }

        return dx;
    }

    /// <summary>
    /// With n = (x − mean) / √(variance + 1e−5) and g = dy · gain:
    /// dx = (g − mean(g) − n · mean(g · n)) / √(variance + 1e−5), dgain = Σ dy · n, dbias = Σ dy.
    /// </summary>
    public static (double[] Dx, double[] Dgain, double[] Dbias) LayerNorm(double[] x, double[] gain, double[] dy)
    {
        int width = gain.Length;
        var (dx, dgain, dbias) = (new double[x.Length], new double[width], new double[width]);
        for (int row = 0; row < x.Length / width; row++)
        {
            double mean = 0, variance = 0, average = 0, slope = 0;
            for (int c = 0; c < width; c++)
            {
                mean += x[(row * width) + c] / width;
            }

            for (int c = 0; c < width; c++)
            {
                variance += Math.Pow(x[(row * width) + c] - mean, 2) / width;
            }

            double deviation = Math.Sqrt(variance + 1e-5);
            for (int c = 0; c < width; c++)
            {
                int at = (row * width) + c;
                double normal = (x[at] - mean) / deviation;
                average += dy[at] * gain[c] / width;
                slope += dy[at] * gain[c] * normal / width;
                dgain[c] += dy[at] * normal;
                dbias[c] += dy[at];
            }

            for (int c = 0; c < width; c++)
            {
                int at = (row * width) + c;
                dx[at] = ((dy[at] * gain[c]) - average - ((x[at] - mean) / deviation * slope)) / deviation;
            }
        }

        return (dx, dgain, dbias);
    }

    /// <summary>dlogits[r] = scales[r] · (softmax(logits[r]) − [k = targets[r]]) / ln 2.</summary>
    public static double[] CrossEntropy(double[] logits, int[] targets, double[] scales, int width)
    {
        var dlogits = new double[logits.Length];
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

            for (int k = 0; k < width; k++)
            {
                double share = Math.Exp(logits[(r * width) + k] - largest) / sum;
                dlogits[(r * width) + k] = scales[r] * (share - (k == targets[r] ? 1 : 0)) / Math.Log(2);
            }
        }

        return dlogits;
    }

    /// <summary>dtable[tokens[n, t − 1]] += dy[n, t] for t ≥ 1, dpositions[t] = Σ_n dy[n, t], dstart[n] = dy[n, 0].</summary>
    public static (double[] Dtable, double[] Dstart, double[] Dpositions) Embed(int[] tokens, double[] dy, int batch, int entries, int width)
    {
        int count = tokens.Length / batch;
        var (dtable, dstart, dpositions) = (new double[entries * width], new double[batch * width], new double[count * width]);
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++)
            {
                for (int c = 0; c < width; c++)
                {
                    double delta = dy[(((n * count) + t) * width) + c];
                    dpositions[(t * width) + c] += delta;
                    if (t == 0)
                    {
                        dstart[(n * width) + c] = delta;
                    }
                    else
                    {
                        dtable[(tokens[(n * count) + t - 1] * width) + c] += delta;
                    }
                }
            }
        }

        return (dtable, dstart, dpositions);
    }
}
