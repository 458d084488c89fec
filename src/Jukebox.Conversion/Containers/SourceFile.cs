using Jukebox.Core;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Conversion.Containers;

/// <summary>A file from outside, read by offset: nothing of it is mapped, so memory stays small whatever its size.</summary>
public sealed class SourceFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    /// <summary>Opens a file.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public SourceFile(string path)
    {
        Path = path;
        _handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        LengthBytes = RandomAccess.GetLength(_handle);
    }

    /// <summary>Path as it was given.</summary>
    public string Path { get; }

    /// <summary>Bytes of the file when it was opened.</summary>
    public long LengthBytes { get; }

    /// <summary>Fills a span from an offset.</summary>
    /// <exception cref="DamagedFileException">The file ends before.</exception>
    public void Read(long offsetBytes, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = offsetBytes < 0 ? 0 : RandomAccess.Read(_handle, destination, offsetBytes);
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
}
