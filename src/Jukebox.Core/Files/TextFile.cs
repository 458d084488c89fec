using System.Text;
using Jukebox.Core.Errors;

namespace Jukebox.Core.Files;

/// <summary>Text from outside, with a limit and a check that it is UTF-8.</summary>
public static class TextFile
{
    /// <summary>The text of a file without its byte order mark.</summary>
    /// <exception cref="DamagedFileException">It is longer than the limit or not UTF-8, or no regular file.</exception>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public static string Read(string path, int limitBytes, string remedy)
    {
        ReadOnlySpan<byte> content = RegularFile.ReadAll(path, limitBytes, remedy);
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        int start = content.StartsWith(mark) ? mark.Length : 0;
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(content[start..]);
        }
        catch (DecoderFallbackException e)
        {
            throw new DamagedFileException(path, start + e.Index, "it is not UTF-8 text", remedy, e);
        }
    }
}
