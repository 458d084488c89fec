using Jukebox.Core.Tensors;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Backend;

/// <summary>Device memory of one backend.</summary>
public sealed class CudaBuffer : DeviceBuffer
{
    private readonly DeviceMemoryHandle _memory;

    internal CudaBuffer(CudaBackend owner, DeviceMemoryHandle memory, long lengthBytes)
    {
        Owner = owner;
        _memory = memory;
        LengthBytes = lengthBytes;
    }

    /// <inheritdoc/>
    public override long LengthBytes { get; }

    /// <summary>The backend whose memory it is.</summary>
    internal CudaBackend Owner { get; }

    /// <summary>Address on the device.</summary>
    internal ulong Address => (ulong)_memory.Value;

    /// <inheritdoc/>
    public override void Upload(ReadOnlySpan<byte> source, long offsetBytes)
    {
        CheckRange(source.Length, offsetBytes);
        Owner.Upload(Address + (ulong)offsetBytes, source);
    }

    /// <inheritdoc/>
    public override void Download(Span<byte> destination, long offsetBytes)
    {
        CheckRange(destination.Length, offsetBytes);
        Owner.Download(Address + (ulong)offsetBytes, destination);
    }

    /// <inheritdoc/>
    public override void Fill(byte value) => Owner.Fill(Address, value, LengthBytes);

    /// <inheritdoc/>
    public override void Dispose() => _memory.Dispose();

    private void CheckRange(int lengthBytes, long offsetBytes)
    {
        if (offsetBytes < 0 || offsetBytes > LengthBytes - lengthBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(offsetBytes), $"bytes [{offsetBytes}, {offsetBytes + lengthBytes}) of a buffer of {LengthBytes}");
        }
    }
}
