using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Core.Files;

/// <summary>What a path leads to, links followed.</summary>
public enum FileKind
{
    /// <summary>Nothing, or nothing that may be looked at.</summary>
    Missing,

    /// <summary>A file with a beginning and an end.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A named or an unnamed pipe: opening it can wait for ever, and what is read of it is gone.</summary>
    Pipe,

    /// <summary>A device or a socket.</summary>
    Device,
}

/// <summary>
/// Opens files that are files. What a folder of other people's holds may as well be a pipe, whose opening waits for ever, or a
/// device without an end.
/// </summary>
public static partial class RegularFile
{
    private const int StatxBytes = 256, NamesOffset = 16, ModeOffset = 28; // struct statx, the same on every processor
    private const int CurrentFolder = -100, OfTheHandle = 0x1000; // AT_FDCWD, AT_EMPTY_PATH
    private const uint TypeAndNames = 1 | 4; // STATX_TYPE, STATX_NLINK
    private const int LinuxWithoutWaiting = 0x800 | 0x80000; // O_RDONLY, O_NONBLOCK, O_CLOEXEC
    private const int MacWithoutWaiting = 0x4 | 0x1000000; // the same
    private const uint DiskFile = 1; // FILE_TYPE_DISK

    /// <summary>What a path leads to; nothing is opened.</summary>
    public static FileKind KindOf(string path)
    {
        if (OperatingSystem.IsLinux() && Look(CurrentFolder, path, 0, out _) is { } kind)
        {
            return kind;
        }

        return Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.Missing;
    }

    /// <summary>Whether there is something to open at a path. A link that leads nowhere is nothing, though <see cref="File.Exists"/> finds the link.</summary>
    public static bool Exists(string path) => KindOf(path) is not (FileKind.Missing or FileKind.Folder);

    /// <summary>Whether a file has other names (hard links): what is written to it in place changes them too. Known on Linux only.</summary>
    public static bool HasOtherNames(string path) =>
        OperatingSystem.IsLinux() && Look(CurrentFolder, path, 0, out uint names) == FileKind.Regular && names > 1;

    /// <summary>What stands where a file is meant, with its article; none for a file, or nothing.</summary>
    public static string? NameOf(FileKind kind) => kind switch
    {
        FileKind.Folder => "a folder",
        FileKind.Pipe => "a pipe",
        FileKind.Device => "a device",
        _ => null,
    };

    /// <summary>
    /// Opens a file for reading at any place while others may write to it. Never waits; what it is, is asked of the open handle, so that nothing can be
    /// exchanged in between.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It is none, is not there or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static SafeFileHandle OpenHandle(string path)
    {
        Require(path, KindOf(path));
        SafeFileHandle handle = Open(path);
        try
        {
            Require(path, KindOf(handle));
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The same as a stream.</summary>
    /// <param name="path">The file.</param>
    /// <param name="bufferBytes">Bytes that are read ahead; 0 for none.</param>
    /// <exception cref="IOException">It is none, is not there or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static FileStream OpenRead(string path, int bufferBytes = 4096)
    {
        SafeFileHandle handle = OpenHandle(path);
        try
        {
            return new FileStream(handle, FileAccess.Read, bufferBytes);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The same for a file whose content is not trusted: what is no file is told as damage, with what mends it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="remedy">What the reader can do: "download it again".</param>
    /// <exception cref="DamagedFileException">It is a pipe, a device or a folder.</exception>
    /// <exception cref="IOException">It is not there, or cannot be opened.</exception>
    public static FileStream OpenRead(string path, string remedy) => NameOf(KindOf(path)) is { } what
        ? throw new DamagedFileException(path, -1, $"it is {what}, not a file", remedy)
        : OpenRead(path);

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

    private static void Require(string path, FileKind kind)
    {
        if (NameOf(kind) is { } what)
        {
            throw new IOException($"'{path}' is {what}, not a file.");
        }
    }

    private static SafeFileHandle Open(string path)
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsMacOS())
        {
            var handle = new SafeFileHandle(OpenFile(path, OperatingSystem.IsLinux() ? LinuxWithoutWaiting : MacWithoutWaiting), ownsHandle: true);
            if (!handle.IsInvalid)
            {
                return handle;
            }

            handle.Dispose();
        }

        // Elsewhere; and where opening failed, it fails again with the runtime's own exception.
        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    private static FileKind KindOf(SafeFileHandle handle)
    {
        if (OperatingSystem.IsWindows())
        {
            return GetFileType(handle) == DiskFile ? FileKind.Regular : FileKind.Device;
        }

        return (OperatingSystem.IsLinux() ? Look(handle.DangerousGetHandle().ToInt32(), "", OfTheHandle, out _) : null) ?? KindByReading(handle);
    }

    /// <summary>What an open handle tells of itself: a pipe has no places, and a device no length but bytes.</summary>
    private static FileKind KindByReading(SafeFileHandle handle)
    {
        Span<byte> first = stackalloc byte[1];
        try
        {
            return RandomAccess.GetLength(handle) > 0 || RandomAccess.Read(handle, first, 0) == 0 ? FileKind.Regular : FileKind.Device;
        }
        catch (NotSupportedException)
        {
            return FileKind.Pipe;
        }
    }

    /// <summary>What the system says; none where it cannot be asked this way.</summary>
    private static FileKind? Look(int folder, string path, int flags, out uint names)
    {
        Span<byte> result = stackalloc byte[StatxBytes];
        names = 0;
        try
        {
            if (StatX(folder, path, flags, TypeAndNames, ref MemoryMarshal.GetReference(result)) != 0)
            {
                return FileKind.Missing;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        names = MemoryMarshal.Read<uint>(result[NamesOffset..]);
        return (MemoryMarshal.Read<ushort>(result[ModeOffset..]) & 0xF000) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            0x1000 => FileKind.Pipe,
            _ => FileKind.Device,
        };
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref byte result);

    [LibraryImport("kernel32")]
    private static partial uint GetFileType(SafeFileHandle handle);
}
