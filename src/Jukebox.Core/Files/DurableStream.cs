namespace Jukebox.Core.Files;

/// <summary>
/// A file that is written front to back. A full disk is told where a write fails, and nowhere else: what produces the data may fail in ways of
/// its own that look alike.
/// </summary>
public sealed class DurableStream : Stream
{
    private readonly FileStream _stream;
    private readonly string _path;

    /// <summary>Creates a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">Whether one may be there already.</param>
    /// <param name="name">What messages call it, where it is written aside.</param>
    public DurableStream(string path, FileMode mode, string? name = null)
    {
        _path = name ?? path;
        _stream = new FileStream(path, mode, FileAccess.Write, FileShare.Read, 1 << 20);
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => _stream.CanWrite;

    /// <inheritdoc/>
    public override long Length => _stream.Length;

    /// <inheritdoc/>
    public override long Position
    {
        get => _stream.Position;
        set => DurableFile.Guard(_path, () => _stream.Position = value);
    }

    /// <summary>Waits until everything is on the disk.</summary>
    public void FlushToDisk() => DurableFile.Guard(_path, () =>
    {
        _stream.Flush(flushToDisk: true);
        return true;
    });

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            _stream.Write(buffer);
        }
        catch (Exception e) when (DurableFile.IsDiskFull(e))
        {
            throw DurableFile.Full(_path, e);
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush() => DurableFile.Guard(_path, () =>
    {
        _stream.Flush();
        return true;
    });

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => _stream.Seek(offset, origin);

    /// <inheritdoc/>
    public override void SetLength(long value) => DurableFile.Guard(_path, () =>
    {
        _stream.SetLength(value);
        return true;
    });

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            try
            {
                _stream.Dispose();
            }
            catch (Exception e) when (DurableFile.IsDiskFull(e))
            {
                // What is still in the buffer: whoever needs it to be on the disk has asked for that before, and been told.
            }
        }

        base.Dispose(disposing);
    }
}
