using System.Buffers.Binary;

namespace Jukebox.Audio.Reading;

/// <summary>
/// What an encoder wrote into a first frame that holds no audio (Xing, Info, VBRI), and how many samples at both ends are the encoder's
/// and not the recording's.
/// </summary>
/// <param name="StartSamples">Samples to leave out at the start.</param>
/// <param name="EndSamples">Samples to leave out at the end.</param>
internal sealed record MpegTag(int StartSamples, int EndSamples)
{
    /// <summary>Samples by which every decoder of Layer III lags.</summary>
    private const int DecoderDelaySamples = 529;

    private const int TableBytes = 100;
    private const int DelayOffset = 21; // within the encoder's part
    private const int FrankfurtOffset = 36; // of VBRI, whatever the side information

    /// <summary>The tag of a frame, or none where it is audio.</summary>
    public static MpegTag? Of(MpegHeader header, ReadOnlySpan<byte> frame)
    {
        // Where side information would say that there is nothing.
        int at = MpegHeader.LengthBytes + header.SideBytes;
        if (header.SideBytes == 0 || frame.Length < at + 8)
        {
            return null;
        }

        if (frame[at..].StartsWith("Xing"u8) || frame[at..].StartsWith("Info"u8))
        {
            int flags = frame[at + 7];
            bool counted = (flags & 1) != 0;
            int encoder = at + 8 + (counted ? 4 : 0) + ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? TableBytes : 0) + ((flags & 8) != 0 ? 4 : 0);
            return frame.Length >= encoder + DelayOffset + 3 ? Delays(frame[encoder..], counted) : new MpegTag(0, 0);
        }

        return frame.Length >= FrankfurtOffset + 4 && frame[FrankfurtOffset..].StartsWith("VBRI"u8) ? new MpegTag(0, 0) : null;
    }

    private static MpegTag Delays(ReadOnlySpan<byte> encoder, bool counted)
    {
        if (!encoder.StartsWith("LAME"u8) && !encoder.StartsWith("Lavf"u8) && !encoder.StartsWith("Lavc"u8))
        {
            return new MpegTag(0, 0);
        }

        int both = BinaryPrimitives.ReadInt32BigEndian(encoder[(DelayOffset - 1)..]) & 0xFFFFFF;
        return new MpegTag((both >> 12) + DecoderDelaySamples, counted ? Math.Max(0, (both & 0xFFF) - DecoderDelaySamples) : 0);
    }
}
