using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Jukebox.Cpu.Spectra;

/// <summary>Sums of squares in double precision, a part of the elements each.</summary>
internal unsafe struct SumOfSquaresJob
{
    /// <summary>Elements of a part, whatever the number of threads.</summary>
    public const int ElementsPerPart = 1 << 16;

    public float* Input;
    public long Count;

    /// <summary>One for each part.</summary>
    public double* Sums;

    /// <summary>Sums one part: the same lanes on every machine, so that its bits are the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(void* argument, int part, int worker)
    {
        ref SumOfSquaresJob job = ref *(SumOfSquaresJob*)argument;
        long first = (long)part * ElementsPerPart;
        int count = (int)Math.Min(ElementsPerPart, job.Count - first), i = 0;
        float* input = job.Input + first;
        Vector256<double> lower = Vector256<double>.Zero, upper = Vector256<double>.Zero;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            (Vector256<double> a, Vector256<double> b) = Vector256.Widen(Vector256.Load(input + i));
            lower += a * a;
            upper += b * b;
        }

        lower += upper;
        double sum = (lower[0] + lower[2]) + (lower[1] + lower[3]);
        for (; i < count; i++)
        {
            sum += (double)input[i] * input[i];
        }

        job.Sums[part] = sum;
    }
}
