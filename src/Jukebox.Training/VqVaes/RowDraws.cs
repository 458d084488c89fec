using Jukebox.Core.Randomness;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.VqVaes;

/// <summary>
/// Draws rows of a batch for codes that begin or restart: a random permutation of the rows, of which the first are taken;
/// where there are too few, the rows over and over with a little noise. A pure function of seed, step and level.
/// </summary>
internal sealed class RowDraws(ulong seed, long step, int level)
{
    private const uint PermutationStream = 0x524F5753, NoiseStream = 0x4E4F4953;

    /// <summary>Fills <paramref name="taken"/> (K, E) with rows of <paramref name="rows"/> (R, E).</summary>
    public void Take(ReadOnlySpan<float> rows, int width, Span<float> taken)
    {
        int count = rows.Length / width, wanted = taken.Length / width;
        int copies = count >= wanted ? 1 : (wanted + count - 1) / count;
        int[] order = Permutation(checked(count * copies), wanted);
        for (int i = 0; i < wanted; i++)
        {
            Span<float> row = taken.Slice(i * width, width);
            rows.Slice(order[i] % count * width, width).CopyTo(row);
            if (copies > 1)
            {
                AddNoise(row, order[i]);
            }
        }
    }

    /// <summary>The first <paramref name="wanted"/> of a random permutation of 0 … count − 1.</summary>
    private int[] Permutation(int count, int wanted)
    {
        var order = new int[count];
        for (int i = 0; i < count; i++)
        {
            order[i] = i;
        }

        for (int i = 0; i < wanted; i++)
        {
            (uint draw, _, _, _) = Draw((uint)i, PermutationStream);
            int other = i + (int)(((ulong)draw * (ulong)(count - i)) >> 32);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }

    /// <summary>Adds N(0, 1) · 0.01 / √E.</summary>
    private void AddNoise(Span<float> row, int copy)
    {
        double scale = 0.01 / Math.Sqrt(row.Length);
        for (int i = 0; i < row.Length; i++)
        {
            (uint draw, _, _, _) = Draw((uint)((copy * row.Length) + i), NoiseStream);
            row[i] += (float)(scale * NormalNumbers.Quantile(draw));
        }
    }

    private (uint X0, uint X1, uint X2, uint X3) Draw(uint index, uint stream) => CounterRandom.Philox(
        index, (uint)step, (uint)(step >> 32) ^ ((uint)level << 24), stream, (uint)seed, (uint)(seed >> 32));
}
