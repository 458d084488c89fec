using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Jukebox.Core.Contract;

namespace Jukebox.Cpu.Spectra;

/// <summary>Distances of the samples of some items; a part is an item. The same vectors on every machine.</summary>
internal unsafe struct SampleDistanceJob
{
    /// <summary>Floats of a vector.</summary>
    private const int Width = 8;

    public float* X, Y, Gradient;
    public int Length, LargestCount;

    /// <summary>What the sign, the difference, and the difference where it is among the largest, are multiplied by.</summary>
    public SampleDistanceScales Factors;

    /// <summary>(N, 3): Σ |d|, Σ d², Σ of the largest d².</summary>
    public double* Sums;

    /// <summary>
    /// For each worker: the squares as integers, which order like them, with what is not a number above all, and zeros up to a
    /// whole vector.
    /// </summary>
    public int* Squares;
    public int SquaresStride;

    /// <summary>Room for the squares of so many samples.</summary>
    public static int StrideOf(int length) => (length + Width - 1) / Width * Width;

    /// <summary>Computes one item.</summary>
    public static void Run(void* argument, int part, int worker)
    {
        ref SampleDistanceJob job = ref *(SampleDistanceJob*)argument;
        float* x = job.X + ((long)part * job.Length), y = job.Y + ((long)part * job.Length);
        int* squares = job.Squares + ((long)worker * job.SquaresStride);
        double* sums = job.Sums + (3L * part);
        (sums[0], sums[1]) = Square(x, y, squares, job.Length, job.SquaresStride);
        int limit = LimitOf(squares, job.SquaresStride, job.LargestCount, out int ties);
        sums[2] = SumAbove(squares, job.SquaresStride, limit) + (ties * (double)BitConverter.Int32BitsToSingle(limit));
        if (job.Gradient != null)
        {
            job.Slopes(x, y, squares, limit, ties, job.Gradient + ((long)part * job.Length));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Absolute, double Square) Square(float* x, float* y, int* squares, int length, int stride)
    {
        Vector256<double> absolute = Vector256<double>.Zero, square = Vector256<double>.Zero;
        int t = 0;
        for (; t <= length - Width; t += Width)
        {
            Vector256<float> difference = Vector256.Load(y + t) - Vector256.Load(x + t), product = difference * difference;
            Vector256.Store(Vector256.Abs(product).AsInt32(), squares + t);
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Abs(difference));
            absolute += lower + upper;
            (lower, upper) = Vector256.Widen(product);
            square += lower + upper;
        }

        double absoluteSum = Sum(absolute), squareSum = Sum(square);
        new Span<int>(squares + t, stride - t).Clear();
        for (; t < length; t++)
        {
            float difference = y[t] - x[t], product = difference * difference;
            squares[t] = BitConverter.SingleToInt32Bits(Math.Abs(product));
            absoluteSum += Math.Abs(difference);
            squareSum += product;
        }

        return (absoluteSum, squareSum);
    }

    /// <summary>
    /// A value that fewer than <paramref name="wanted"/> others exceed, or just so many, and how many that equal it make up for
    /// the rest: bit by bit, the largest that no fewer reach.
    /// </summary>
    private static int LimitOf(int* values, int stride, int wanted, out int ties)
    {
        int limit = 0;
        for (int bit = 1 << 30; bit > 0; bit >>= 1)
        {
            int reached = CountAbove(values, stride, (limit | bit) - 1);
            if (reached == wanted)
            {
                ties = 0;
                return (limit | bit) - 1;
            }

            limit |= reached > wanted ? bit : 0;
        }

        ties = wanted - CountAbove(values, stride, limit);
        return limit;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountAbove(int* values, int stride, int limit)
    {
        Vector256<int> count = Vector256<int>.Zero, bound = Vector256.Create(limit);
        for (int t = 0; t < stride; t += Width)
        {
            count -= Vector256.GreaterThan(Vector256.Load(values + t), bound);
        }

        return Vector256.Sum(count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SumAbove(int* values, int stride, int limit)
    {
        Vector256<double> sum = Vector256<double>.Zero;
        Vector256<int> bound = Vector256.Create(limit);
        for (int t = 0; t < stride; t += Width)
        {
            Vector256<int> value = Vector256.Load(values + t);
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen((value & Vector256.GreaterThan(value, bound)).AsSingle());
            sum += lower + upper;
        }

        return Sum(sum);
    }

    /// <summary>The gradient; of samples whose squares equal the limit the first <paramref name="ties"/> are among the largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Slopes(float* x, float* y, int* squares, int limit, int ties, float* gradient)
    {
        float chosen = Factors.Square + Factors.Largest;
        Vector256<int> bound = Vector256.Create(limit);
        Vector256<float> sign = Vector256.Create(-0f), unit = Vector256.Create(Factors.Absolute);
        int t = 0;
        for (; t <= Length - Width; t += Width)
        {
            Vector256<float> difference = Vector256.Load(y + t) - Vector256.Load(x + t);
            Vector256<float> above = Vector256.GreaterThan(Vector256.Load(squares + t), bound).AsSingle();
            Vector256<float> slope = Vector256.ConditionalSelect(above, Vector256.Create(chosen), Vector256.Create(Factors.Square));
            Vector256<float> step = Vector256.AndNot(unit ^ (difference & sign), Vector256.Equals(difference, Vector256<float>.Zero));
            Vector256.Store(step + (slope * difference), gradient + t);
        }

        for (; t < Length; t++)
        {
            float difference = y[t] - x[t];
            int direction = difference > 0 ? 1 : difference < 0 ? -1 : 0;
            gradient[t] = (Factors.Absolute * direction) + ((squares[t] > limit ? chosen : Factors.Square) * difference);
        }

        for (t = 0; ties > 0; t++)
        {
            if (squares[t] == limit)
            {
                gradient[t] += Factors.Largest * (y[t] - x[t]);
                ties--;
            }
        }
    }

    private static double Sum(Vector256<double> value) => (value[0] + value[2]) + (value[1] + value[3]);
}
