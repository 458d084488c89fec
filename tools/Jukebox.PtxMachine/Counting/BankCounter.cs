using Jukebox.PtxMachine.Execution;

namespace Jukebox.PtxMachine.Counting;

/// <summary>
/// Wavefronts of one shared-memory request. There are 32 banks of 4 bytes; a bank gives one word at a time, to any number of threads.
/// Accesses of 8 bytes are served by half-warps, of 16 bytes (and the rows of <c>ldmatrix</c>) by quarter-warps.
/// </summary>
internal sealed unsafe class BankCounter
{
    private const int Banks = 32, WordBytes = 4;

    private readonly ulong[] _words = new ulong[Banks * Lanes.Count];
    private readonly int[] _counts = new int[Banks];

    public (int Wavefronts, int Ideal) Count(ulong* offsets, int lengthBytes, uint mask)
    {
        int groupLanes = lengthBytes >= 16 ? 8 : lengthBytes == 8 ? 16 : 32;
        int wavefronts = 0, ideal = 0;
        for (int first = 0; first < Lanes.Count; first += groupLanes)
        {
            uint group = mask & (uint)(((1ul << groupLanes) - 1) << first);
            if (group != 0)
            {
                wavefronts += CountGroup(offsets, lengthBytes, group);
                ideal++;
            }
        }

        return (wavefronts, ideal);
    }

    private int CountGroup(ulong* offsets, int lengthBytes, uint group)
    {
        Array.Clear(_counts);
        int most = 0;
        while (group != 0)
        {
            ulong offset = offsets[Lanes.Take(ref group)];
            ulong last = (offset + (ulong)lengthBytes - 1) / WordBytes;
            for (ulong word = offset / WordBytes; word <= last; word++)
            {
                int bank = (int)(word % Banks);
                Span<ulong> words = _words.AsSpan(bank * Lanes.Count, Lanes.Count);
                if (words[.._counts[bank]].Contains(word))
                {
                    continue;
                }

                words[_counts[bank]++] = word;
                most = Math.Max(most, _counts[bank]);
            }
        }

        return most;
    }
}
