using System.Runtime.InteropServices;

namespace Jukebox.Core.Files;

/// <summary>
/// What the system is told about pages of a mapped file. All of it is advice: where it is not understood or refused, the same bytes are
/// read all the same, and stay in memory for longer.
/// </summary>
internal static unsafe partial class MappedPages
{
    private const int WillNeed = 3, DoNotNeed = 4; // of madvise, the same on Linux and macOS

    private static readonly long PageBytes = Environment.SystemPageSize;

    /// <summary>Says that bytes are wanted soon: the system reads them while others work.</summary>
    /// <param name="mapping">Start of the mapping, and of a page.</param>
    /// <param name="range">Bytes from there.</param>
    public static void Announce(byte* mapping, in ByteRange range)
    {
        if (!OperatingSystem.IsWindows())
        {
            long first = range.FirstByte / PageBytes * PageBytes;
            _ = Advise((nint)(mapping + first), (nuint)(range.EndByte - first), WillNeed);
        }
    }

    /// <summary>Reads a byte of each page, so that all of them are there when they are computed with.</summary>
    public static void Touch(byte* mapping, in ByteRange range, CancellationToken cancellation)
    {
        const int pagesBetweenLooks = 256;
        int seen = 0;
        for (long at = range.FirstByte; at < range.EndByte; at = ((at / PageBytes) + 1) * PageBytes)
        {
            _ = Volatile.Read(ref mapping[at]);
            if (++seen % pagesBetweenLooks == 0 && cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>
    /// Takes the whole pages of a range out of this process's memory; the system may keep them as long as nobody needs the room. Whoever
    /// looks at them later reads the file anew.
    /// </summary>
    public static void LetGo(byte* mapping, in ByteRange range)
    {
        long first = (range.FirstByte + PageBytes - 1) / PageBytes * PageBytes, end = range.EndByte / PageBytes * PageBytes;
        if (first >= end)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            // Unlocking what was never locked fails, and takes it out of the working set on its way.
            _ = VirtualUnlock((nint)(mapping + first), (nuint)(end - first));
        }
        else
        {
            _ = Advise((nint)(mapping + first), (nuint)(end - first), DoNotNeed);
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint lengthBytes, int advice);

    [LibraryImport("kernel32")]
    private static partial int VirtualUnlock(nint address, nuint lengthBytes);
}
