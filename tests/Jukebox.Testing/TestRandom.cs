namespace Jukebox.Testing;

/// <summary>Small deterministic generator for test inputs (SplitMix64).</summary>
public sealed class TestRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Next 64 bits.</summary>
    public ulong Next()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Uniform integer in [0, limit).</summary>
    public int Next(int limit) => (int)(Next() % (ulong)limit);

    /// <summary>Uniform in [−1, 1).</summary>
    public float Signed() => (float)(((long)(Next() >> 40) / (double)(1 << 23)) - 1);

    /// <summary>
    /// Values for a floating-point input: mostly in [−1, 1), with zeros and tiny and large magnitudes among them.
    /// </summary>
    public float[] Floats(long count, float scale = 1)
    {
        var values = new float[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = scale * Next(32) switch
            {
                0 => 0,
                1 => 1e-20f * Signed(),
                2 => 8 * Signed(),
                _ => Signed(),
            };
        }

        return values;
    }

    /// <summary>Integers in [0, limit).</summary>
    public int[] Ints(long count, int limit)
    {
        var values = new int[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = Next(limit);
        }

        return values;
    }
}
