using Jukebox.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Conversion.Containers;

/// <summary>A file from outside, read by offset: nothing of it is mapped, so memory stays small whatever its size.</summary>
public sealed class SourceFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    /// <summary>Opens a file.</summary>
    /// <exception cref="ConversionException">It cannot be opened, or is no file but a pipe, a device or a folder.</exception>
    public SourceFile(string path)
    {
        Path = path;
        _handle = SourceHandle.Open(path);
        LengthBytes = RandomAccess.GetLength(_handle);
    }

    /// <summary>Path as it was given.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file when it was opened.</summary>
    public long LengthBytes { get; }

    /// <summary>All of a file that is to be small.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limitBytes">The most bytes that make sense.</param>
    /// <param name="what">What it is to be, for the message: "a label table".</param>
    /// <exception cref="ConversionException">It cannot be opened, or is no file.</exception>
    /// <exception cref="DamagedFileException">It is larger.</exception>
    public static byte[] ReadAll(string path, int limitBytes, string what)
    {
        using var file = new SourceFile(path);
        if (file.LengthBytes > limitBytes)
        {
            throw file.Damaged(limitBytes, $"it has {Text.Bytes(file.LengthBytes)}, too many for {what}", "check what was downloaded");
        }

        var bytes = new byte[file.LengthBytes];
        file.Read(0, bytes);
        return bytes;
    }

    /// <summary>Text without UTF-8's mark, which some editors put first.</summary>
    public static byte[] WithoutMark(byte[] text) => text.AsSpan().StartsWith("\ufeff"u8) ? text[3..] : text;

    /// <summary>Fills a span from an offset.</summary>
    /// <exception cref="DamagedFileException">The file ends before.</exception>
    /// <exception cref="ConversionException">The disk does not give its bytes.</exception>
    public void Read(long offsetBytes, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = offsetBytes < 0 ? 0 : ReadSome(offsetBytes, destination);
            if (read == 0)
            {
                throw Damaged(offsetBytes, $"the file ends where {destination.Length} more bytes should be");
            }

            destination = destination[read..];
            offsetBytes += read;
        }
    }

    /// <summary>The tool's one error for content that is not what it should be.</summary>
    public DamagedFileException Damaged(long offsetBytes, string problem, string remedy = "download or copy the file again") =>
        new(Path, offsetBytes, problem, remedy);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _handle.Dispose();

    private int ReadSome(long offsetBytes, Span<byte> destination)
    {
        try
        {
            return RandomAccess.Read(_handle, destination, offsetBytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SourceHandle.Unreadable(Path, e.Message);
        }
    }
}
