namespace Jukebox.Core.Tensors;

/// <summary>
/// Owner of a block of bytes on a device. Lengths must match exactly: nothing here copies the shorter of two.
/// Disposing twice is fine; using it afterwards throws <see cref="ObjectDisposedException"/>.
/// </summary>
public abstract class DeviceBuffer : IDisposable
{
    /// <summary>Bytes owned.</summary>
    public abstract long LengthBytes { get; }

    /// <summary>Copies <paramref name="source"/> to the device, starting at <paramref name="offsetBytes"/>; in queue order.</summary>
    public abstract void Upload(ReadOnlySpan<byte> source, long offsetBytes);

    /// <summary>Waits for the queue, then fills <paramref name="destination"/> from <paramref name="offsetBytes"/> on.</summary>
    public abstract void Download(Span<byte> destination, long offsetBytes);

    /// <summary>Sets every byte.</summary>
    public abstract void Fill(byte value);

    /// <inheritdoc/>
    public abstract void Dispose();
}
