using System.Runtime.InteropServices;

namespace Jukebox.Core.Files;

/// <summary>What a disk has to spare.</summary>
public static partial class DiskSpace
{
    /// <summary>
    /// Bytes that this user may still write below a folder. On Windows a folder of another computer, \\server\share, is no drive and has space all the same.
    /// </summary>
    public static long FreeBytes(string folder) => !OperatingSystem.IsWindows() ? new DriveInfo(folder).AvailableFreeSpace
        : GetDiskFreeSpaceEx(folder, out ulong freeBytes, 0, 0) ? (long)Math.Min(freeBytes, long.MaxValue)
        : long.MaxValue;

    [LibraryImport("kernel32", EntryPoint = "GetDiskFreeSpaceExW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool GetDiskFreeSpaceEx(string folder, out ulong freeToCaller, nint total, nint free);
}
