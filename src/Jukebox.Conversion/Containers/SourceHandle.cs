using Jukebox.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// Opens sources: files, and nothing else that may stand under a file's name (<see cref="RegularFile"/>), with this library's sentences where that fails.
/// </summary>
internal static class SourceHandle
{
    /// <summary>Opens a file for reading at any place.</summary>
    /// <exception cref="ConversionException">It is not there, cannot be read, or is no file.</exception>
    public static SafeFileHandle Open(string path)
    {
        switch (RegularFile.KindOf(path))
        {
            case FileKind.Folder:
                throw new ConversionException($"{path}: it is a folder where a file is meant; name the file.");
            case var kind when RegularFile.NameOf(kind) is { } what:
                throw new ConversionException($"{path}: it is {what}, not a file; write its content to a file and name that.");
        }

        try
        {
            return RegularFile.OpenHandle(path);
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

    /// <summary>The error for a file that the system does not let be read.</summary>
    public static ConversionException Unreadable(string path, string reason) =>
        new($"{path}: it cannot be read ({reason.TrimEnd('.')}); check its permissions and the disk.");

    /// <summary>Names reach programs as text: one whose bytes are no UTF-8 arrives with this mark in their place.</summary>
    public static bool IsUnnameable(string path) => path.Contains('\ufffd');

    /// <summary>The error for a file that is not there.</summary>
    public static ConversionException Missing(string path) => new(IsUnnameable(path)
        ? $"{path}: its name is not UTF-8, so that it cannot be opened; rename it."
        : $"{path}: there is no such file; check the name.");
}
