namespace Jukebox.Core.Randomness;

/// <summary>
/// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011): random numbers as a pure
/// function of where they are used. The same song has the same draws in any batch, after any interruption, on any
/// device.
/// </summary>
public static class CounterRandom
{
    /// <summary>
    /// The uniform number in [0, 1) that draws one token: 53 random bits.
    /// </summary>
    /// <param name="seed">Seed of the song.</param>
    /// <param name="item">Index of the item in the song.</param>
    /// <param name="level">Level of the token.</param>
    /// <param name="tokenIndex">Index of the token from the start of the song, not of the window.</param>
    public static double Uniform(ulong seed, int item, int level, long tokenIndex)
    {
        (uint x0, uint x1, _, _) = Philox(
            (uint)tokenIndex, (uint)(tokenIndex >> 32), (uint)item, (uint)level, (uint)seed, (uint)(seed >> 32));
        return ((((ulong)x0 << 32) | x1) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>Ten rounds over a 128-bit counter with a 64-bit key.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Philox(
        uint counter0, uint counter1, uint counter2, uint counter3, uint key0, uint key1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = 0xD2511F53UL * counter0;
            ulong product1 = 0xCD9E8D57UL * counter2;
            (counter0, counter1, counter2, counter3) = (
                (uint)(product1 >> 32) ^ counter1 ^ key0,
                (uint)product1,
                (uint)(product0 >> 32) ^ counter3 ^ key1,
                (uint)product0);
            key0 += 0x9E3779B9;
            key1 += 0xBB67AE85;
        }

        return (counter0, counter1, counter2, counter3);
    }
}
