using Jukebox.Core.Tensors;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Priors;

/// <summary>
/// Embeddings of codes that begin as a random projection of the codebook, so that a prior knows from its first step which codes
/// are alike. The reference draws every row for itself, which costs a small model hundreds of steps.
/// </summary>
internal static class CodeEmbedding
{
    /// <summary>Sets the rows of codes in a table.</summary>
    /// <param name="table">(rows, W) F32; the codes' rows are its last.</param>
    /// <param name="name">What the projection is drawn by.</param>
    /// <param name="codebook">(K, E).</param>
    /// <param name="codebookSize">K.</param>
    /// <param name="deviation">Standard deviation of the elements.</param>
    /// <param name="seed">Seed of the run.</param>
    public static void Fill(Tensor table, string name, ReadOnlySpan<float> codebook, int codebookSize, double deviation, ulong seed)
    {
        int inputs = codebook.Length / codebookSize, width = table.Shape[1];
        double[] centred = Centred(codebook, inputs);
        float[] projection = Initialisation.Draw($"{name} projection", inputs * width, InitialDistribution.Normal(1), seed);
        var rows = new double[codebookSize * width];
        for (int code = 0; code < codebookSize; code++)
        {
            for (int i = 0; i < inputs; i++)
            {
                double value = centred[(code * inputs) + i];
                for (int j = 0; j < width; j++)
                {
                    rows[(code * width) + j] += value * projection[(i * width) + j];
                }
            }
        }

        double scale = RootMeanSquare(rows) is > 0 and double rms ? deviation / rms : 0;
        table.Slice(table.Shape[0] - codebookSize, codebookSize).Upload<float>(Array.ConvertAll(rows, value => (float)(value * scale)));
    }

    /// <summary>The codes less their mean.</summary>
    private static double[] Centred(ReadOnlySpan<float> codebook, int inputs)
    {
        var mean = new double[inputs];
        var centred = new double[codebook.Length];
        for (int i = 0; i < codebook.Length; i++)
        {
            mean[i % inputs] += codebook[i] / (double)(codebook.Length / inputs);
        }

        for (int i = 0; i < codebook.Length; i++)
        {
            centred[i] = codebook[i] - mean[i % inputs];
        }

        return centred;
    }

    private static double RootMeanSquare(double[] values) => Math.Sqrt(values.Sum(value => value * value) / values.Length);
}
