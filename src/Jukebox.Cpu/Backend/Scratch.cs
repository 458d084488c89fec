using System.Runtime.InteropServices;

namespace Jukebox.Cpu.Backend;

/// <summary>
/// One block of native memory that operations share, each for the length of its call. It grows when an operation
/// first meets a larger shape and never shrinks, so a repeated step allocates nothing.
/// </summary>
internal sealed unsafe class Scratch : IDisposable
{
    private const long GrainBytes = 1 << 16;

    private byte* _pointer;

    /// <summary>Frees memory whose owner forgot to.</summary>
    ~Scratch() => Release();

    /// <summary>Bytes held.</summary>
    public long LengthBytes { get; private set; }

    /// <summary>At least that many bytes, 64-byte aligned, of undefined content; what an earlier call gave is void.</summary>
    public byte* Reserve(long lengthBytes)
    {
        if (lengthBytes > LengthBytes)
        {
            Release();
            long rounded = (lengthBytes + GrainBytes - 1) / GrainBytes * GrainBytes;
            _pointer = CpuBuffer.AllocateNative(rounded);
            LengthBytes = rounded;
        }

        return _pointer;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        LengthBytes = 0;
    }
}
