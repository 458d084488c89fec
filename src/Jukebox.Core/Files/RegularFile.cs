using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Core.Files;

/// <summary>
/// Opens only what is a file with an end. A named pipe would hold the program up until somebody writes to it, and a device may have no
/// end; whichever it is, is asked of the handle that is then read, not of the name.
/// </summary>
public static partial class RegularFile
{
    private const int SeekStart = 0;
    private const int SeekEnd = 2;
    private static readonly int Flags = OperatingSystem.IsMacOS() ? 0x4 | 0x1000000 : 0x800 | 0x80000; // O_RDONLY | O_NONBLOCK | O_CLOEXEC

    /// <summary>Opens a file for reading, which others may write to or replace meanwhile.</summary>
    /// <exception cref="DamagedFileException">It is a pipe, a socket or a terminal.</exception>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    public static FileStream OpenRead(string path, string remedy)
    {
        // Without waiting: whoever opens a pipe for reading waits for its writer.
        int descriptor = OperatingSystem.IsWindows() || Directory.Exists(path) ? -1 : Open(path, Flags);
        if (descriptor < 0)
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (Seek(descriptor, 0, SeekEnd) < 0 || Seek(descriptor, 0, SeekStart) < 0)
        {
            handle.Dispose();
            throw new DamagedFileException(path, -1, "it is a pipe or a device, not a file", remedy);
        }

        return new FileStream(handle, FileAccess.Read);
    }

    /// <summary>A whole file of limited size.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limitBytes">A longer one is refused before memory is taken for it.</param>
    /// <param name="remedy">What the reader can do: "download it again".</param>
    /// <exception cref="DamagedFileException">It is longer, or no regular file.</exception>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    public static byte[] ReadAll(string path, int limitBytes, string remedy)
    {
        using FileStream stream = OpenRead(path, remedy);
        if (stream.Length > limitBytes)
        {
            throw new DamagedFileException(path, limitBytes, $"it is longer than {limitBytes >> 10} kB", remedy);
        }

        var bytes = new byte[stream.Length];
        int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return count == bytes.Length ? bytes : bytes[..count];
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(int descriptor, long offset, int origin);
}
