namespace Jukebox.MusicReport.Statistics;

/// <summary>The little linear algebra that covariances need; all matrices are (D, D) and symmetric unless said otherwise.</summary>
internal static class SymmetricMatrix
{
    private const int MostSweeps = 50;

    /// <summary>The lower triangle L with L · Lᵀ = matrix, which must be positive definite.</summary>
    public static double[,] Cholesky(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        var lower = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j <= i; j++)
            {
                double sum = matrix[i, j];
                for (int k = 0; k < j; k++)
                {
                    sum -= lower[i, k] * lower[j, k];
                }

                lower[i, j] = i != j ? sum / lower[j, j]
                    : sum > 0 ? Math.Sqrt(sum)
                    : throw new ArgumentException($"the matrix is not positive definite (row {i})", nameof(matrix));
            }
        }

        return lower;
    }

    /// <summary>x with L · Lᵀ · x = right, of <see cref="Cholesky"/>'s L.</summary>
    public static double[] Solve(double[,] lower, double[] right)
    {
        int size = right.Length;
        double[] x = [.. right];
        for (int i = 0; i < size; i++)
        {
            for (int k = 0; k < i; k++)
            {
                x[i] -= lower[i, k] * x[k];
            }

            x[i] /= lower[i, i];
        }

        for (int i = size - 1; i >= 0; i--)
        {
            for (int k = i + 1; k < size; k++)
            {
                x[i] -= lower[k, i] * x[k];
            }

            x[i] /= lower[i, i];
        }

        return x;
    }

    /// <summary>Lᵀ · matrix · L, whose eigenvalues are those of (L · Lᵀ) · matrix.</summary>
    public static double[,] Between(double[,] lower, double[,] matrix)
    {
        int size = matrix.GetLength(0);
        double[,] half = new double[size, size], result = new double[size, size];
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                for (int k = j; k < size; k++)
                {
                    half[i, j] += matrix[i, k] * lower[k, j];
                }
            }
        }

        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                for (int k = i; k < size; k++)
                {
                    result[i, j] += lower[k, i] * half[k, j];
                }
            }
        }

        return result;
    }

    /// <summary>Eigenvalues by Jacobi rotations, in no order; the matrix is destroyed.</summary>
    public static double[] Eigenvalues(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        for (int sweep = 0; sweep < MostSweeps && OffDiagonal(matrix) > 0; sweep++)
        {
            for (int p = 0; p < size; p++)
            {
                for (int q = p + 1; q < size; q++)
                {
                    Rotate(matrix, p, q);
                }
            }
        }

        return [.. Enumerable.Range(0, size).Select(i => matrix[i, i])];
    }

    /// <summary>Sum of squares beside the diagonal; 0 where it is lost beside the diagonal's.</summary>
    private static double OffDiagonal(double[,] matrix)
    {
        double beside = 0, on = 0;
        for (int i = 0; i < matrix.GetLength(0); i++)
        {
            on += matrix[i, i] * matrix[i, i];
            for (int j = 0; j < i; j++)
            {
                beside += matrix[i, j] * matrix[i, j];
            }
        }

        return beside > 1e-26 * on ? beside : 0;
    }

    /// <summary>Makes element (p, q) zero (Golub and Van Loan, Matrix Computations, 8.5.2).</summary>
    private static void Rotate(double[,] matrix, int p, int q)
    {
        if (matrix[p, q] == 0)
        {
            return;
        }

        double tau = (matrix[q, q] - matrix[p, p]) / (2 * matrix[p, q]);
        double tangent = (tau >= 0 ? 1 : -1) / (Math.Abs(tau) + Math.Sqrt(1 + (tau * tau)));
        double cosine = 1 / Math.Sqrt(1 + (tangent * tangent)), sine = tangent * cosine;
        for (int k = 0; k < matrix.GetLength(0); k++)
        {
            (double a, double b) = (matrix[k, p], matrix[k, q]);
            (matrix[k, p], matrix[k, q]) = ((cosine * a) - (sine * b), (sine * a) + (cosine * b));
        }

        for (int k = 0; k < matrix.GetLength(0); k++)
        {
            (double a, double b) = (matrix[p, k], matrix[q, k]);
            (matrix[p, k], matrix[q, k]) = ((cosine * a) - (sine * b), (sine * a) + (cosine * b));
        }
    }
}
