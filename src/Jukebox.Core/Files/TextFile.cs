using System.Text;
using Jukebox.Core.Errors;

namespace Jukebox.Core.Files;

/// <summary>Text from outside, with a limit and a check that it is UTF-8, or UTF-16 with its mark.</summary>
public static class TextFile
{
    /// <summary>The text of a file without its byte order mark.</summary>
    /// <exception cref="DamagedFileException">It is longer than the limit or not UTF-8.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static string Read(string path, int limitBytes, string remedy)
    {
        ReadOnlySpan<byte> content = RegularFile.ReadAll(path, limitBytes, remedy);
        (Encoding encoding, int start) = EncodingOf(content);
        try
        {
            string text = encoding.GetString(content[start..]);
            int none = text.IndexOf('\0', StringComparison.Ordinal);
            return none < 0 ? text : throw new DamagedFileException(path, start + encoding.GetByteCount(text.AsSpan(0, none)), "it is not UTF-8 text, but bytes of another kind", remedy);
        }
        catch (DecoderFallbackException e)
        {
            throw new DamagedFileException(path, start + e.Index, "it is not UTF-8 text", remedy, e);
        }
    }

    /// <summary>UTF-8, unless the mark of UTF-16 says otherwise, in which spreadsheets save tables; and the length of the mark.</summary>
    private static (Encoding Encoding, int MarkBytes) EncodingOf(ReadOnlySpan<byte> content) =>
        content.StartsWith(Encoding.Unicode.Preamble) ? (new UnicodeEncoding(bigEndian: false, byteOrderMark: false, throwOnInvalidBytes: true), Encoding.Unicode.Preamble.Length)
        : content.StartsWith(Encoding.BigEndianUnicode.Preamble) ? (new UnicodeEncoding(bigEndian: true, byteOrderMark: false, throwOnInvalidBytes: true), Encoding.BigEndianUnicode.Preamble.Length)
        : (new UTF8Encoding(false, throwOnInvalidBytes: true), content.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0);
}
