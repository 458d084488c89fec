namespace Jukebox.Audio.Reading;

/// <summary>
/// How many frames a FLAC file has, without decoding it: where its last block ends, if the header says the same or nothing, and no second
/// stream follows the first. Headers are written before the audio, and not always mended.
/// </summary>
internal static class FlacLength
{
    private const int WindowBytes = 1 << 20;
    private const int ShortTagBytes = 128; // ID3v1

    /// <summary>The length that header and last block agree on, or −1; frames may still be missing in between. The stream is left where it was.</summary>
    /// <param name="stream">The file, at its first frame.</param>
    /// <param name="info">What the header says.</param>
    public static long Of(Stream stream, FlacStreamInfo info)
    {
        long begin = stream.Position;
        try
        {
            long end = LastEnd(stream, begin, info);
            return (info.LengthFrames == 0 || info.LengthFrames == end) && end > 0 && !HasAnother(stream, begin) ? end : -1;
        }
        finally
        {
            stream.Position = begin;
        }
    }

    /// <summary>What a stream's first frame says of the stream, or none where it leaves something to a description that is not there.</summary>
    public static FlacStreamInfo? InfoOf(ReadOnlySpan<byte> frame) =>
        HeaderAt(frame, out FlacFrameHeader header) && header is { RateHz: > 0, SampleBits: > 0, Channels: > 0 }
            ? new FlacStreamInfo(header.RateHz, header.Channels, header.SampleBits, header.Length, 0)
            : null;

    /// <summary>Where the last block ends, in frames, or −1.</summary>
    private static long LastEnd(Stream stream, long begin, FlacStreamInfo info)
    {
        var window = new byte[(int)Math.Min(WindowBytes, stream.Length - begin)];
        stream.Position = stream.Length - window.Length;
        stream.ReadExactly(window);
        int end = window.Length;
        if (end > ShortTagBytes && window.AsSpan(end - ShortTagBytes).StartsWith("TAG"u8))
        {
            end -= ShortTagBytes;
        }

        for (int i = end - 4; i >= 0; i--)
        {
            if (window[i] == 0xFF && window[i + 1] >> 1 == 0x7C
                && HeaderAt(window.AsSpan(i, end - i), out FlacFrameHeader header) && header.Fits(info)
                && FlacBitReader.ChecksumOf(window.AsSpan(i, end - i - 2)) == ((window[end - 2] << 8) | window[end - 1]))
            {
                return header.IsVariable ? header.Number + header.Length
                    : info.BlockFrames > 0 || header.Number == 0 ? (header.Number * info.BlockFrames) + header.Length
                    : -1;
            }
        }

        return -1;
    }

    private static bool HeaderAt(ReadOnlySpan<byte> bytes, out FlacFrameHeader header)
    {
        byte[] start = bytes[..Math.Min(bytes.Length, FlacFrameHeader.MostBytes)].ToArray();
        int at = 0;
        return FlacFrameHeader.Read(() => at < start.Length ? start[at++] : (byte)0, out header) is null;
    }

    private static bool HasAnother(Stream stream, long begin)
    {
        ReadOnlySpan<byte> marker = [(byte)'f', (byte)'L', (byte)'a', (byte)'C', 0, 0, 0, FlacStreamInfo.LengthBytes];
        var block = new byte[WindowBytes];
        stream.Position = begin;
        int kept = 0;
        for (int read; (read = stream.Read(block.AsSpan(kept))) > 0;)
        {
            Span<byte> present = block.AsSpan(0, kept + read);
            if (present.IndexOf(marker) >= 0 || present.IndexOf((ReadOnlySpan<byte>)[.. marker[..4], 0x80, .. marker[5..]]) >= 0)
            {
                return true;
            }

            kept = Math.Min(present.Length, marker.Length - 1);
            present[^kept..].CopyTo(block);
        }

        return false;
    }
}
