namespace Jukebox.Audio.Reading;

/// <summary>What a FLAC frame says of itself before its samples.</summary>
/// <param name="IsVariable">Whether <paramref name="Number"/> counts samples, not frames.</param>
/// <param name="Number">Place of the frame in the stream.</param>
/// <param name="Length">Samples of each channel.</param>
/// <param name="RateHz">Samples per second; 0 where the stream's counts.</param>
/// <param name="SampleBits">Bits of a sample; 0 where the stream's count, −1 where the format has no such size.</param>
/// <param name="Assignment">Channels less one, or 8 to 10 for differences of two.</param>
internal readonly record struct FlacFrameHeader(bool IsVariable, long Number, int Length, int RateHz, int SampleBits, int Assignment)
{
    /// <summary>Most bytes of a header.</summary>
    public const int MostBytes = 16;

    private static readonly int[] Rates = [0, 88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000];

    /// <summary>Channels, or −1 where the format has no such assignment.</summary>
    public int Channels => Assignment < 8 ? Assignment + 1 : Assignment <= 10 ? 2 : -1;

    /// <summary>Whether it may stand in a stream.</summary>
    public bool Fits(FlacStreamInfo stream) => Channels == stream.Channels
        && (RateHz == 0 || RateHz == stream.SampleRateHz)
        && (SampleBits == 0 || SampleBits == stream.SampleBits);

    /// <summary>Reads a header whose first bytes have been found to be a frame's.</summary>
    /// <param name="next">Gives the header's bytes one after the other, from its first.</param>
    /// <param name="header">What it says.</param>
    /// <returns>What is wrong, or none.</returns>
    public static string? Read(Func<byte> next, out FlacFrameHeader header)
    {
        header = default;
        byte checksum = 0;
        int Take()
        {
            byte value = next();
            checksum = Checksum(checksum, value);
            return value;
        }

        int sync = (Take() << 8) | Take();
        if (sync >> 1 != 0x7FFC)
        {
            return "a frame does not begin where the last one ended";
        }

        int sizes = Take(), layout = Take();
        long? number = ReadNumber(Take);
        int lengthCode = sizes >> 4, rateCode = sizes & 15;
        int length = lengthCode switch
        {
            0 => 0,
            1 => 192,
            <= 5 => 576 << (lengthCode - 2),
            6 => Take() + 1,
            7 => ((Take() << 8) | Take()) + 1,
            _ => 256 << (lengthCode - 8),
        };
        int rate = rateCode switch
        {
            12 => Take() * 1000,
            13 => (Take() << 8) | Take(),
            14 => ((Take() << 8) | Take()) * 10,
            15 => -1,
            _ => Rates[rateCode],
        };
        int bits = ((layout >> 1) & 7) switch { 0 => 0, 1 => 8, 2 => 12, 4 => 16, 5 => 20, 6 => 24, 7 => 32, _ => -1 };
        header = new FlacFrameHeader((sync & 1) != 0, number ?? 0, length, rate, bits, layout >> 4);
        byte computed = checksum;
        if (next() != computed)
        {
            return "the checksum of a frame's header is wrong";
        }

        return length == 0 || rate < 0 || number is null || (layout & 1) != 0 ? "a frame's header is not valid" : null;
    }

    /// <summary>A number coded like a UTF-8 character of up to seven bytes; none where it is not.</summary>
    private static long? ReadNumber(Func<int> take)
    {
        int lead = take();
        int ones = System.Numerics.BitOperations.LeadingZeroCount(~((uint)lead << 24));
        if (ones is 1 or > 7)
        {
            return null;
        }

        long number = lead & (0x7F >> ones);
        bool sound = true;
        for (int i = 1; i < ones; i++)
        {
            int more = take();
            sound &= more >> 6 == 2;
            number = (number << 6) | (long)(more & 0x3F);
        }

        return sound ? number : null;
    }

    /// <summary>CRC-8, polynomial 0x07.</summary>
    private static byte Checksum(byte checksum, byte value)
    {
        int crc = checksum ^ value;
        for (int bit = 0; bit < 8; bit++)
        {
            crc = (crc & 0x80) != 0 ? (crc << 1) ^ 0x07 : crc << 1;
        }

        return (byte)crc;
    }
}
