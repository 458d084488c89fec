namespace Jukebox.Audio.Reading;

/// <summary>What a recording is by its first bytes, whatever its name says.</summary>
internal enum RecordingFormat
{
    /// <summary>RIFF or RF64 with audio.</summary>
    Wave,

    /// <summary>FLAC, not in another container.</summary>
    Flac,

    /// <summary>AIFF or AIFF-C.</summary>
    Aiff,

    /// <summary>Anything else.</summary>
    Other,
}

/// <summary>Looks at the first bytes of recordings.</summary>
internal static class RecordingFormats
{
    private const int TagHeaderBytes = 10;

    /// <summary>The format of what a stream holds. It is left where the format begins: after tags that do not belong to FLAC, else where it was.</summary>
    public static RecordingFormat Of(Stream stream)
    {
        Span<byte> start = stackalloc byte[12];
        int read = Peek(stream, start);
        bool form = read == start.Length;
        if (form && (start.StartsWith("RIFF"u8) || start.StartsWith("RF64"u8)) && start[8..].SequenceEqual("WAVE"u8))
        {
            return RecordingFormat.Wave;
        }

        if (form && start.StartsWith("FORM"u8) && (start[8..].SequenceEqual("AIFF"u8) || start[8..].SequenceEqual("AIFC"u8)))
        {
            return RecordingFormat.Aiff;
        }

        long begin = stream.Position;
        SkipTags(stream);
        if (Peek(stream, start[..4]) == 4 && start.StartsWith("fLaC"u8))
        {
            return RecordingFormat.Flac;
        }

        stream.Position = begin;
        return RecordingFormat.Other;
    }

    /// <summary>Passes over the ID3v2 tags at the stream's place.</summary>
    public static void SkipTags(Stream stream)
    {
        Span<byte> header = stackalloc byte[TagHeaderBytes];
        while (Peek(stream, header) == TagHeaderBytes && TagBytes(header) is > 0 and int bytes && bytes <= stream.Length - stream.Position)
        {
            stream.Position += bytes;
        }
    }

    /// <summary>Bytes of an ID3v2 tag with its header; 0 where none begins.</summary>
    public static int TagBytes(ReadOnlySpan<byte> header)
    {
        if (!header.StartsWith("ID3"u8) || ((header[6] | header[7] | header[8] | header[9]) & 0x80) != 0)
        {
            return 0;
        }

        // Seven bits of each byte; a footer repeats the header.
        int content = (header[6] << 21) | (header[7] << 14) | (header[8] << 7) | header[9];
        return content + ((header[5] & 0x10) != 0 ? 2 : 1) * TagHeaderBytes;
    }

    private static int Peek(Stream stream, Span<byte> bytes)
    {
        long position = stream.Position;
        int read = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        stream.Position = position;
        return read;
    }
}
