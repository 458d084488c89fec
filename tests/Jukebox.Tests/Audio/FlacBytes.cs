namespace Jukebox.Tests.Audio;

/// <summary>
/// FLAC files put together by hand, one frame at a time in the way that a test chooses. Predictors are checked by
/// giving residuals that undo them, so what was put in must come out.
/// </summary>
internal sealed class FlacBytes(int channels, int bits, int rateHz = 44100)
{
    /// <summary>How a channel of a frame is coded.</summary>
    public enum Coding
    {
        Constant,
        Plain,
        Fixed0,
        Fixed1,
        Fixed2,
        Fixed3,
        Fixed4,
        Predicted,
        Escaped,
    }

    private readonly List<byte> _frames = [];
    private readonly List<bool> _frame = [];
    private long _length;

    /// <summary>The file so far.</summary>
    /// <param name="knownLength">Whether its header says how long it is.</param>
    /// <param name="claimedLength">What it says instead.</param>
    public byte[] ToArray(bool knownLength = true, long? claimedLength = null)
    {
        long length = claimedLength ?? _length;
        ulong packed = ((ulong)rateHz << 44) | ((ulong)(channels - 1) << 41) | ((ulong)(bits - 1) << 36) | (knownLength ? (ulong)length : 0);
        byte[] info = [0, 16, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(packed).Reverse(), .. new byte[16]];
        return [.. "fLaC"u8, 0, 0, 0, 34, .. info, 0x84, 0, 0, 3, 1, 2, 3, .. _frames];
    }

    /// <summary>Adds a frame; samples are (channel, time). The assignment is the channel count less one, or 8 to 10 for stereo differences.</summary>
    public FlacBytes Add(long[][] samples, Coding coding, int assignment, int wasted = 0, int rateCode = 0)
    {
        int length = samples[0].Length;
        Put(0x7FFC, 15);
        Put(1, 1);
        Put(7, 4);
        Put(rateCode, 4);
        Put(assignment, 4);
        Put(0, 4);
        Put(0xE0 | (_length >> 12), 8);
        Put(0x80 | ((_length >> 6) & 0x3F), 8);
        Put(0x80 | (_length & 0x3F), 8);
        Put(length - 1, 16);
        Put(HeaderChecksum(), 8);
        for (int channel = 0; channel < samples.Length; channel++)
        {
            bool isSide = assignment == 9 ? channel == 0 : assignment >= 8 && channel == 1;
            AddSubframe(samples[channel], coding, bits + (isSide ? 1 : 0), wasted);
        }

        while (_frame.Count % 8 != 0)
        {
            Put(0, 1);
        }

        byte[] bytes = [.. _frame.Chunk(8).Select(byteBits => (byte)byteBits.Aggregate(0, (value, bit) => (value << 1) | (bit ? 1 : 0)))];
        int checksum = Checksum(bytes);
        _frames.AddRange([.. bytes, (byte)(checksum >> 8), (byte)checksum]);
        _frame.Clear();
        _length += length;
        return this;
    }

    private void AddSubframe(long[] samples, Coding coding, int sampleBits, int wasted)
    {
        const int Order = 3;
        int type = coding switch
        {
            Coding.Constant => 0,
            Coding.Plain => 1,
            Coding.Predicted => 31 + Order,
            Coding.Escaped => 8 + 2,
            _ => 8 + (coding - Coding.Fixed0),
        };
        Put(type, 7);
        Put(wasted > 0 ? 1 : 0, 1);
        Put(wasted > 0 ? 1 : 0, wasted);
        long[] values = Array.ConvertAll(samples, sample => sample >> wasted);
        sampleBits -= wasted;
        long[] predictor = coding == Coding.Predicted ? [11, -7, 2] : type >= 8 ? ((long[][])[[], [1], [2, -1], [3, -3, 1], [4, -6, 4, -1]])[type - 8] : [];
        int plain = coding == Coding.Constant ? 1 : coding == Coding.Plain ? values.Length : predictor.Length;
        for (int i = 0; i < plain; i++)
        {
            Put(values[i], sampleBits);
        }

        int shift = coding == Coding.Predicted ? 3 : 0;
        if (coding == Coding.Predicted)
        {
            Put(6 - 1, 4);
            Put(shift, 5);
            Array.ForEach(predictor, coefficient => Put(coefficient, 6));
        }

        if (plain < values.Length && coding != Coding.Constant)
        {
            AddResiduals(values, predictor, shift, coding);
        }
    }

    /// <summary>Two partitions where the length allows, the second escaped on request; five-bit parameters with the odd orders.</summary>
    private void AddResiduals(long[] values, long[] predictor, int shift, Coding coding)
    {
        bool wide = predictor.Length % 2 == 1;
        int partitions = values.Length % 2 == 0 && values.Length / 2 >= predictor.Length ? 2 : 1;
        Put(wide ? 1 : 0, 2);
        Put(partitions - 1, 4);
        for (int i = predictor.Length; i < values.Length; i++)
        {
            bool second = partitions == 2 && i >= values.Length / 2;
            bool escaped = coding == Coding.Escaped && second;
            if (i == predictor.Length || (partitions == 2 && i == values.Length / 2))
            {
                Put(escaped ? 15 : 9, wide ? 5 : 4);
                Put(27, escaped ? 5 : 0);
            }

            long prediction = predictor.Select((coefficient, j) => coefficient * values[i - 1 - j]).Sum() >> shift;
            PutResidual(values[i] - prediction, escaped);
        }
    }

    private void PutResidual(long residual, bool escaped)
    {
        if (escaped)
        {
            Put(residual, 27);
            return;
        }

        long folded = residual < 0 ? (-2 * residual) - 1 : 2 * residual;
        for (long zeros = folded >> 9; zeros > 0; zeros--)
        {
            Put(0, 1);
        }

        Put(1, 1);
        Put(folded & 511, 9);
    }

    private void Put(long value, int count)
    {
        for (int bit = count - 1; bit >= 0; bit--)
        {
            _frame.Add(((value >> bit) & 1) != 0);
        }
    }

    /// <summary>CRC-8 of the bits so far.</summary>
    private int HeaderChecksum()
    {
        int crc = 0;
        foreach (bool bit in _frame)
        {
            int carry = ((crc >> 7) ^ (bit ? 1 : 0)) & 1;
            crc = ((crc << 1) & 0xFF) ^ (carry * 0x07);
        }

        return crc;
    }

    private static int Checksum(byte[] bytes)
    {
        int crc = 0;
        foreach (byte value in bytes)
        {
            for (int bit = 7; bit >= 0; bit--)
            {
                int carry = ((crc >> 15) ^ (value >> bit)) & 1;
                crc = ((crc << 1) & 0xFFFF) ^ (carry * 0x8005);
            }
        }

        return crc;
    }
}
