using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Core.Text;

namespace Jukebox.Cpu.Backend;

/// <summary>
/// Native memory: 64-byte aligned and owned, or a view of a mapped weight file, which stays mapped as long as the view: files and
/// buffers may be disposed in either order.
/// </summary>
public sealed unsafe class CpuBuffer : DeviceBuffer
{
    private readonly bool _owned;
    private readonly WeightFile? _source;
    private readonly SafeHandle? _mapping; // of the source: a reference of it is this buffer's
    private byte* _pointer;

    internal CpuBuffer(long lengthBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        _pointer = AllocateNative(lengthBytes);
        _owned = true;
        LengthBytes = lengthBytes;
        GC.AddMemoryPressure(lengthBytes);
    }

    internal CpuBuffer(StoredTensor borrowed)
    {
        bool held = false;
        borrowed.File.Mapping.DangerousAddRef(ref held);
        _mapping = borrowed.File.Mapping;
        _pointer = borrowed.Pointer;
        _source = borrowed.File;
        LengthBytes = borrowed.LengthBytes;
    }

    /// <summary>Frees memory whose owner forgot to.</summary>
    ~CpuBuffer() => Release();

    /// <inheritdoc/>
    public override long LengthBytes { get; }

    /// <summary>Memory of the process, 64-byte aligned.</summary>
    /// <exception cref="DeviceException">The system gives no more.</exception>
    internal static byte* AllocateNative(long lengthBytes)
    {
        try
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)lengthBytes, 64);
        }
        catch (OutOfMemoryException error)
        {
            throw new DeviceException(
                $"out of memory: {Readable.Bytes(lengthBytes)} wanted at once; close other programs, or compute fewer items side by side or with a smaller model", error);
        }
    }

    internal byte* Pointer
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _pointer != null ? _pointer : throw new ObjectDisposedException(nameof(CpuBuffer));
    }

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, long offsetBytes)
    {
        CheckRange(source.Length, offsetBytes);
        if (_source is not null)
        {
            throw new InvalidOperationException($"the weights mapped from {_source.Path} are read-only");
        }

        source.CopyTo(new Span<byte>(Pointer + offsetBytes, source.Length));
    }

    /// <inheritdoc/>
    public override void Download(Span<byte> destination, long offsetBytes)
    {
        CheckRange(destination.Length, offsetBytes);
        new ReadOnlySpan<byte>(Pointer + offsetBytes, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public override void Fill(byte value)
    {
        if (_source is not null)
        {
            throw new InvalidOperationException($"the weights mapped from {_source.Path} are read-only");
        }

        NativeMemory.Fill(Pointer, (nuint)LengthBytes, value);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void CheckRange(int lengthBytes, long offsetBytes)
    {
        if (offsetBytes < 0 || offsetBytes > LengthBytes - lengthBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offsetBytes), $"bytes [{offsetBytes}, {offsetBytes + lengthBytes}) of a buffer of {LengthBytes}");
        }
    }

    private void Release()
    {
        if (_owned && _pointer != null)
        {
            NativeMemory.AlignedFree(_pointer);
            GC.RemoveMemoryPressure(LengthBytes);
        }
        else if (_pointer != null)
        {
            _mapping!.DangerousRelease();
        }

        _pointer = null;
    }
}
