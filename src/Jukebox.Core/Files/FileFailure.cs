using System.Text.RegularExpressions;

namespace Jukebox.Core.Files;

/// <summary>
/// What a failure of the file system means. The system says "access denied" of a folder, of a write-protected file and, on
/// Windows, of a file that another program holds: a person needs to know which.
/// </summary>
public static partial class FileFailure
{
    private static readonly int[] DiskFullUnix = OperatingSystem.IsMacOS() ? [28, 69] : [28, 122]; // ENOSPC, EDQUOT
    private static readonly int[] DiskFullWindows = [39, 112, 1295]; // ERROR_HANDLE_DISK_FULL, ERROR_DISK_FULL, ERROR_DISK_QUOTA_EXCEEDED
    private static readonly int[] InUseUnix = OperatingSystem.IsMacOS() ? [35] : [11]; // EWOULDBLOCK
    private static readonly int[] InUseWindows = [32, 33, 1224]; // ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION, ERROR_USER_MAPPED_FILE
    private static readonly int[] ReadOnlyUnix = [30]; // EROFS
    private static readonly int[] ReadOnlyWindows = [19]; // ERROR_WRITE_PROTECT

    /// <summary>Whether a write failed for want of space.</summary>
    public static bool IsDiskFull(Exception? failure) => Is(failure, DiskFullUnix, DiskFullWindows);

    /// <summary>Whether a file could not be opened because somebody else has it open.</summary>
    public static bool IsInUse(Exception? failure) => Is(failure, InUseUnix, InUseWindows);

    /// <summary>Whether a write failed because nothing can be written to the whole medium.</summary>
    public static bool IsReadOnlyMedium(Exception? failure) => Is(failure, ReadOnlyUnix, ReadOnlyWindows);

    /// <summary>One sentence for people: what could not be opened, why, and what mends it.</summary>
    public static string Sentence(Exception failure)
    {
        string? path = QuotedPath().Match(failure.Message) is { Success: true } match ? match.Groups[1].Value : null;
        if (path is null)
        {
            return failure is UnauthorizedAccessException
                ? "Access is denied: what was to be written is read-only, open in another program, or not this user's to change."
                : failure.Message;
        }

        return path.StartsWith(@"\\.\", StringComparison.Ordinal) ? $"'{path[4..]}' is a name that Windows keeps for a device; choose another one."
            : IsDiskFull(failure) ? $"The disk is full: '{path}' is there in part at most; make room, then try again."
            : IsReadOnlyMedium(failure) ? $"'{path}' cannot be written: it is on a disk that can only be read; choose another place."
            : IsInUse(failure) ? $"'{path}' is open in another program; close it there, then try again."
            : failure is not UnauthorizedAccessException ? failure.Message
            : Directory.Exists(path) ? $"'{path}' is a folder where a file is expected, or this user may not use it."
            : IsReadOnly(path) ? $"'{path}' is read-only; allow writing to it, or choose another place."
            : $"'{path}' may not be opened: {(OperatingSystem.IsWindows() ? "another program has it open, or " : "")}this user has no right to it, or the disk can only be read.";
    }

    private static bool Is(Exception? failure, int[] unix, int[] windows) => failure is IOException
        && (OperatingSystem.IsWindows() ? windows.Any(code => failure.HResult == OfWindows(code)) : unix.Contains(failure.HResult));

    /// <summary>An error number of Windows as exceptions carry it: HRESULT_FROM_WIN32.</summary>
    private static int OfWindows(int code) => unchecked((int)0x80070000) | code;

    private static bool IsReadOnly(string path) => File.Exists(path) && File.GetAttributes(path).HasFlag(FileAttributes.ReadOnly);

    [GeneratedRegex("'(.+)'")]
    private static partial Regex QuotedPath();
}
