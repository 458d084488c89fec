namespace Jukebox.Testing.Reference;

/// <summary>Every operation as plain loops in double precision: slow on purpose, sharing no code with a backend.</summary>
public static partial class ReferenceOps
{
    /// <summary>y[r,c] = (x[r,c] − mean) / √(variance + 1e−5) · gain[c] + bias[c].</summary>
    public static double[] LayerNorm(double[] x, double[] gain, double[] bias)
    {
        int width = gain.Length;
        var y = new double[x.Length];
        for (int row = 0; row < x.Length / width; row++)
        {
            double mean = 0, variance = 0;
            for (int c = 0; c < width; c++)
            {
                mean += x[(row * width) + c] / width;
            }

            for (int c = 0; c < width; c++)
            {
                variance += Math.Pow(x[(row * width) + c] - mean, 2) / width;
            }

            for (int c = 0; c < width; c++)
            {
                y[(row * width) + c] = ((x[(row * width) + c] - mean) / Math.Sqrt(variance + 1e-5) * gain[c]) + bias[c];
            }
        }

        return y;
    }
}
