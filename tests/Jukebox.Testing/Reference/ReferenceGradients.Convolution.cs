namespace Jukebox.Testing.Reference;

public static partial class ReferenceGradients
{
    /// <summary>dx[n, t · stride − padding + j · dilation, i] += Σ_o dy[n,t,o] · w[j,i,o]; dx (N, T, Cin).</summary>
    public static double[] Conv1dInputGradient(
        double[] dy, int batch, double[] w, int outputs, int taps, int stride, int dilation, int padding, int length)
    {
        int inputs = w.Length / taps / outputs, outputLength = dy.Length / batch / outputs;
        var dx = new double[batch * length * inputs];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < outputLength; t++)
            {
                for (int j = 0; j < taps; j++)
                {
                    long s = ((long)t * stride) - padding + ((long)j * dilation);
                    for (int i = 0; i < inputs && s >= 0 && s < length; i++)
                    {
                        for (int o = 0; o < outputs; o++)
                        {
                            dx[(((n * length) + s) * inputs) + i] +=
                                dy[(((n * outputLength) + t) * outputs) + o] * w[(((j * inputs) + i) * outputs) + o];
                        }
                    }
                }
            }
        }

        return dx;
    }

    /// <summary>
    /// dw[j,i,o] = Σ_n Σ_t x[n, t · stride − padding + j · dilation, i] · dy[n,t,o], with x clamped at zero where asked, and
    /// db[o] = Σ_n Σ_t dy[n,t,o].
    /// </summary>
    public static (double[] Weight, double[] Bias) Conv1dWeightGradient(
        double[] x, double[] dy, int batch, int inputs, int outputs, int taps, int stride, int dilation, int padding, bool relu)
    {
        int length = x.Length / batch / inputs, outputLength = dy.Length / batch / outputs;
        double[] dw = new double[taps * inputs * outputs], db = new double[outputs];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < outputLength; t++)
            {
                for (int o = 0; o < outputs; o++)
                {
                    double slope = dy[(((n * outputLength) + t) * outputs) + o];
                    db[o] += slope;
                    for (int j = 0; j < taps; j++)
                    {
                        long s = ((long)t * stride) - padding + ((long)j * dilation);
                        for (int i = 0; i < inputs && s >= 0 && s < length; i++)
                        {
                            double value = x[(((n * length) + s) * inputs) + i];
                            dw[(((j * inputs) + i) * outputs) + o] += (relu ? Math.Max(value, 0) : value) * slope;
                        }
                    }
                }
            }
        }

        return (dw, db);
    }

    /// <summary>dx[n,s,i] = Σ_j Σ_o dy[n, s · stride − padding + j, o] · w[j,i,o]; dx (N, T, Cin).</summary>
    public static double[] TransposedConv1dInputGradient(
        double[] dy, int batch, double[] w, int outputs, int taps, int stride, int padding, int length)
    {
        int inputs = w.Length / taps / outputs, outputLength = dy.Length / batch / outputs;
        var dx = new double[batch * length * inputs];
        for (int n = 0; n < batch; n++)
        {
            for (int s = 0; s < length; s++)
            {
                for (int j = 0; j < taps; j++)
                {
                    int t = (s * stride) - padding + j;
                    for (int i = 0; i < inputs && t >= 0 && t < outputLength; i++)
                    {
                        for (int o = 0; o < outputs; o++)
                        {
                            dx[(((n * length) + s) * inputs) + i] +=
                                dy[(((n * outputLength) + t) * outputs) + o] * w[(((j * inputs) + i) * outputs) + o];
                        }
                    }
                }
            }
        }

        return dx;
    }

    /// <summary>dw[j,i,o] = Σ_n Σ_s x[n,s,i] · dy[n, s · stride − padding + j, o], and db[o] = Σ_n Σ_t dy[n,t,o].</summary>
    public static (double[] Weight, double[] Bias) TransposedConv1dWeightGradient(
        double[] x, double[] dy, int batch, int inputs, int outputs, int taps, int stride, int padding)
    {
        int length = x.Length / batch / inputs, outputLength = dy.Length / batch / outputs;
        double[] dw = new double[taps * inputs * outputs], db = new double[outputs];
        for (int i = 0; i < dy.Length; i++)
        {
            db[i % outputs] += dy[i];
        }

        for (int n = 0; n < batch; n++)
        {
            for (int s = 0; s < length; s++)
            {
                for (int j = 0; j < taps; j++)
                {
                    int t = (s * stride) - padding + j;
                    for (int i = 0; i < inputs && t >= 0 && t < outputLength; i++)
                    {
                        for (int o = 0; o < outputs; o++)
                        {
                            dw[(((j * inputs) + i) * outputs) + o] +=
                                x[(((n * length) + s) * inputs) + i] * dy[(((n * outputLength) + t) * outputs) + o];
                        }
                    }
                }
            }
        }

        return (dw, db);
    }
}
