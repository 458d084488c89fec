using System.Buffers.Binary;

namespace Jukebox.Audio.Reading;

/// <summary>What the first metadata block of a FLAC stream says.</summary>
/// <param name="SampleRateHz">Frames per second.</param>
/// <param name="Channels">Samples per frame.</param>
/// <param name="SampleBits">Bits of a sample.</param>
/// <param name="BlockFrames">Frames of every block but the last, or 0 where blocks differ.</param>
/// <param name="LengthFrames">Frames in all, or 0 where that was not known when it was written.</param>
internal sealed record FlacStreamInfo(int SampleRateHz, int Channels, int SampleBits, int BlockFrames, long LengthFrames)
{
    /// <summary>Bytes of the block's content.</summary>
    public const int LengthBytes = 34;

    /// <summary>Reads the block's content.</summary>
    public static FlacStreamInfo Read(ReadOnlySpan<byte> content)
    {
        ulong packed = BinaryPrimitives.ReadUInt64BigEndian(content[10..]);
        return new FlacStreamInfo(
            (int)(packed >> 44),
            (int)((packed >> 41) & 7) + 1,
            (int)((packed >> 36) & 31) + 1,
            BinaryPrimitives.ReadUInt16BigEndian(content) is var shortest && shortest == BinaryPrimitives.ReadUInt16BigEndian(content[2..]) ? shortest : 0,
            (long)(packed & 0xFFFFFFFFF));
    }

    /// <summary>Whether frames of both can follow each other.</summary>
    public bool Continues(FlacStreamInfo other) =>
        (SampleRateHz, Channels, SampleBits) == (other.SampleRateHz, other.Channels, other.SampleBits);
}
