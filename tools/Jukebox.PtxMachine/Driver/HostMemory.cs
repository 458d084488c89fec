using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Page-locked memory: nothing is locked here, but what copies may do depends on it.</summary>
internal static unsafe class HostMemory
{
    private const int PageBytes = 4096;

    private static readonly Lock Lock = new();
    private static readonly SortedList<nuint, nuint> Ranges = [];

    public static void* Allocate(nuint lengthBytes)
    {
        void* address = NativeMemory.AlignedAlloc(Math.Max(lengthBytes, 1), PageBytes);
        lock (Lock)
        {
            Ranges.Add((nuint)address, lengthBytes);
        }

        return address;
    }

    public static void Free(void* address)
    {
        lock (Lock)
        {
            if (!Ranges.Remove((nuint)address))
            {
                throw new DriverException(CuResult.InvalidValue, $"0x{(nuint)address:x} is no page-locked memory");
            }
        }

        NativeMemory.AlignedFree(address);
    }

    /// <summary>Whether an address lies in page-locked memory.</summary>
    public static bool Contains(void* address)
    {
        lock (Lock)
        {
            foreach ((nuint start, nuint lengthBytes) in Ranges)
            {
                if ((nuint)address >= start && (nuint)address < start + lengthBytes)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
