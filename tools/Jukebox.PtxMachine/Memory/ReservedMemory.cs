using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine;

/// <summary>A stretch of address space that costs memory only where it is touched; zero until then.</summary>
internal sealed unsafe partial class ReservedMemory : IDisposable
{
    private const int ReadWrite = 3, DontNeed = 4;
    private readonly bool _mapped;

    public ReservedMemory(long lengthBytes)
    {
        LengthBytes = lengthBytes;
        _mapped = OperatingSystem.IsLinux();
        if (_mapped)
        {
            const int PrivateAnonymousNoReserve = 0x2 | 0x20 | 0x4000;
            nint address = Map(0, (nuint)lengthBytes, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
            Pointer = address != -1 ? (byte*)address : throw new OutOfMemoryException($"{lengthBytes} bytes of address space were refused");
        }
        else
        {
            Pointer = (byte*)NativeMemory.AllocZeroed((nuint)lengthBytes);
        }
    }

    ~ReservedMemory() => Release();

    public byte* Pointer { get; private set; }

    public long LengthBytes { get; }

    /// <summary>Gives whole pages inside the range back to the system; they read as zero afterwards. Elsewhere than on Linux nothing happens.</summary>
    public void Discard(long offset, long lengthBytes)
    {
        const long Page = 4096;
        long start = (offset + Page - 1) / Page * Page, end = (offset + lengthBytes) / Page * Page;
        if (_mapped && end > start)
        {
            _ = Advise((nint)(Pointer + start), (nuint)(end - start), DontNeed);
        }
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        if (Pointer == null)
        {
            return;
        }

        if (_mapped)
        {
            _ = Unmap((nint)Pointer, (nuint)LengthBytes);
        }
        else
        {
            NativeMemory.Free(Pointer);
        }

        Pointer = null;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint lengthBytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint lengthBytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint lengthBytes, int advice);
}
