using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// Opens files, and nothing else that may stand under a file's name: a named pipe would be waited for without end, a
/// device has no end. What it is is asked of the open handle, so that nothing can be exchanged in between.
/// </summary>
internal static partial class SourceHandle
{
    private const int LinuxNonBlocking = 0x800, LinuxCloseOnExecute = 0x80000;
    private const int MacNonBlocking = 0x4, MacCloseOnExecute = 0x1000000;
    private const int NoSuchFile = 2, NoSuchDevice = 6;

    /// <summary>Opens a file for reading at any place.</summary>
    /// <exception cref="ConversionException">It is not there, cannot be read, or is no file.</exception>
    public static SafeFileHandle Open(string path)
    {
        SafeFileHandle handle = OpenAnything(path);
        try
        {
            if (Directory.Exists(path))
            {
                throw new ConversionException($"{path}: it is a folder where a file is meant; name the file.");
            }

            // A device has no length but bytes; an empty file, and the null device, have neither.
            Span<byte> first = stackalloc byte[1];
            return RandomAccess.GetLength(handle) > 0 || RandomAccess.Read(handle, first, 0) == 0 ? handle : throw NoFile(path, "a device");
        }
        catch (Exception e)
        {
            handle.Dispose();
            throw e switch
            {
                NotSupportedException => NoFile(path, "a pipe or a terminal"),
                IOException or UnauthorizedAccessException => Unreadable(path, e.Message),
                _ => e,
            };
        }
    }

    /// <summary>The error for a file that the system does not let be read.</summary>
    public static ConversionException Unreadable(string path, string reason) =>
        new($"{path}: it cannot be read ({reason.TrimEnd('.')}); check its permissions and the disk.");

    /// <summary>Names reach programs as text: one whose bytes are no UTF-8 arrives with this mark in their place.</summary>
    public static bool IsUnnameable(string path) => path.Contains('\ufffd');

    /// <summary>The error for a file that is not there.</summary>
    public static ConversionException Missing(string path) => new(IsUnnameable(path)
        ? $"{path}: its name is not UTF-8, so that it cannot be opened; rename it."
        : $"{path}: there is no such file; check the name.");

    /// <summary>Opening waits for nobody: a pipe opens at once, whether or not anybody writes to it.</summary>
    private static SafeFileHandle OpenAnything(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            return OpenByName(path);
        }

        int descriptor = Open(path, OperatingSystem.IsLinux() ? LinuxNonBlocking | LinuxCloseOnExecute : MacNonBlocking | MacCloseOnExecute);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw (Marshal.GetLastPInvokeError() switch
        {
            NoSuchFile => Missing(path),
            NoSuchDevice => NoFile(path, "a socket or a device"),
            var error => Unreadable(path, Marshal.GetPInvokeErrorMessage(error)),
        });
    }

    private static SafeFileHandle OpenByName(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Missing(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(path, e.Message);
        }
    }

    private static ConversionException NoFile(string path, string what) => new($"{path}: it is {what}, not a file; write its content to a file and name that.");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
