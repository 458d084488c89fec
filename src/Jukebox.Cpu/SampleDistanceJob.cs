using Jukebox.Core;

namespace Jukebox.Cpu;

/// <summary>Distances of the samples of some items; a part is an item.</summary>
internal unsafe struct SampleDistanceJob
{
    /// <summary>Bits of a square that one pass of the selection looks at.</summary>
    private const int DigitBits = 11;

    public float* X, Y, Gradient;
    public int Length, LargestCount;

    /// <summary>What the sign, the difference, and the difference where it is among the largest, are multiplied by.</summary>
    public SampleDistanceScales Factors;

    /// <summary>(N, 3): Σ |d|, Σ d², Σ of the largest d².</summary>
    public double* Sums;

    /// <summary>(T) for each worker: the squares, whose bits order like themselves.</summary>
    public int* Squares;

    /// <summary>Computes one item.</summary>
    public static void Run(void* argument, int part, int worker)
    {
        ref SampleDistanceJob job = ref *(SampleDistanceJob*)argument;
        float* x = job.X + ((long)part * job.Length), y = job.Y + ((long)part * job.Length);
        int* squares = job.Squares + ((long)worker * job.Length);
        double absolute = 0, square = 0, largest = 0;
        for (int t = 0; t < job.Length; t++)
        {
            float difference = y[t] - x[t];
            absolute += Math.Abs(difference);
            square += (double)difference * difference;
            squares[t] = BitConverter.SingleToInt32Bits(difference * difference) & int.MaxValue;
        }

        int limit = SmallestOfLargest(squares, job.Length, job.LargestCount, out int ties);
        float* gradient = job.Gradient == null ? null : job.Gradient + ((long)part * job.Length);
        for (int t = 0; t < job.Length; t++)
        {
            float difference = y[t] - x[t];
            bool chosen = squares[t] > limit || (squares[t] == limit && ties-- > 0);
            largest += chosen ? (double)difference * difference : 0;
            if (gradient != null)
            {
                float sign = difference > 0 ? 1 : difference < 0 ? -1 : 0;
                float slope = chosen ? job.Factors.Square + job.Factors.Largest : job.Factors.Square;
                gradient[t] = (job.Factors.Absolute * sign) + (slope * difference);
            }
        }

        double* sums = job.Sums + (3L * part);
        (sums[0], sums[1], sums[2]) = (absolute, square, largest);
    }

    /// <summary>The smallest of the <paramref name="wanted"/> largest values, and how many of those that equal it are among them.</summary>
    private static int SmallestOfLargest(int* values, int count, int wanted, out int ties)
    {
        const int digits = 1 << DigitBits;
        int* counts = stackalloc int[digits];
        int prefix = 0;
        for (int shift = 2 * DigitBits; shift >= 0; shift -= DigitBits)
        {
            new Span<int>(counts, digits).Clear();
            for (int i = 0; i < count; i++)
            {
                // Of those that agree in the digits before, whose shift is 33 at first: none.
                if ((long)values[i] >> (shift + DigitBits) == prefix)
                {
                    counts[(values[i] >> shift) & (digits - 1)]++;
                }
            }

            int digit = digits - 1;
            while (counts[digit] < wanted)
            {
                wanted -= counts[digit--];
            }

            prefix = (prefix << DigitBits) | digit;
        }

        ties = wanted;
        return prefix;
    }
}
