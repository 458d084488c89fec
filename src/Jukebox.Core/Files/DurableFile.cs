using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Core.Files;

/// <summary>Writes that survive a power cut, and say what to do when the disk is full.</summary>
public static partial class DurableFile
{
    /// <summary>Writes a whole file: readers see the old content or the new, never a part.</summary>
    public static void WriteAtomically(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + ".tmp";
        try
        {
            using (SafeFileHandle handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            {
                Write(handle, path, content, 0);
                RandomAccess.FlushToDisk(handle);
            }

            Replace(temporary, path);
        }
        catch
        {
            Forget(temporary);
            throw;
        }
    }

    /// <summary>Writes a whole file from a stream: readers see the old content or the new, never a part.</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static void WriteAtomically(string path, Action<Stream> write)
    {
        string temporary = path + ".tmp";
        try
        {
            using (var stream = new DurableStream(temporary, FileMode.Create, path))
            {
                write(stream);
                stream.FlushToDisk();
            }

            Replace(temporary, path);
        }
        catch
        {
            Forget(temporary);
            throw;
        }
    }

    /// <summary>Writes at an offset, straight to the operating system: what was written survives the death of this process.</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static void Write(SafeFileHandle handle, string path, ReadOnlySpan<byte> bytes, long offsetBytes)
    {
        try
        {
            RandomAccess.Write(handle, bytes, offsetBytes);
        }
        catch (Exception e) when (IsDiskFull(e))
        {
            throw Full(path, e);
        }
    }

    /// <summary>Writes to a file and does nothing else, and says what to do when the disk is full.</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static T Guard<T>(string path, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (IsDiskFull(e))
        {
            throw Full(path, e);
        }
    }

    /// <summary>Makes what others wrote to a file survive a power cut.</summary>
    public static void FlushFile(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Puts a file that is whole and on the disk in the place of another, or of none.</summary>
    public static void Replace(string temporary, string path)
    {
        FilePlacement.Replace(temporary, path);
        FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes the names of a directory's files survive a power cut, where the system has a way to.</summary>
    public static void FlushDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        int descriptor = OpenDirectory(path, 0);
        if (descriptor >= 0)
        {
            _ = FlushDescriptor(descriptor);
            _ = CloseDescriptor(descriptor);
        }
    }

    /// <summary>Whether a write failed for want of space. A limit on the size of files comes as a bad argument.</summary>
    public static bool IsDiskFull(Exception? failure) => failure switch
    {
        ArgumentOutOfRangeException => true,
        _ => FileFailure.IsDiskFull(failure),
    };

    /// <summary>Deletes what did not take its place; where that fails too, the failure that led here is the one to tell of.</summary>
    private static void Forget(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // As said.
        }
    }

    internal static StorageException Full(string path, Exception failure) => new(
        $"the disk is full: {path} cannot grow; everything before that is kept: free some space, then go on.", failure);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenDirectory(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int FlushDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
