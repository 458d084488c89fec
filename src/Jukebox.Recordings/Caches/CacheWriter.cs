using System.Security.Cryptography;
using Jukebox.Core.Files;

namespace Jukebox.Recordings.Caches;

/// <summary>A <see cref="CacheFile"/> that is written as its content comes: aside, and put in its place when it is whole.</summary>
internal sealed class CacheWriter : IDisposable
{
    private readonly string _path;
    private readonly string _key;
    private readonly string _aside;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly DurableStream _stream;
    private long _lengthBytes;

    private CacheWriter(string path, string key)
    {
        (_path, _key) = (path, key);
        _aside = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}{CacheFile.AsideExtension}";
        _stream = new DurableStream(_aside, FileMode.CreateNew, path);
    }

    /// <summary>Begins a file.</summary>
    /// <param name="path">Where it is to be; its folder is made.</param>
    /// <param name="key">What the content is made from.</param>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static CacheWriter Begin(string path, string key)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var writer = new CacheWriter(path, key);
        try
        {
            writer._stream.SetLength(CacheFile.HeaderBytes);
            writer._stream.Position = CacheFile.HeaderBytes;
            return writer;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    /// <summary>Appends content.</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _hash.AppendData(bytes);
        _lengthBytes += bytes.Length;
    }

    /// <summary>Puts the file in its place, and that of one that is there; nothing can be appended after that.</summary>
    /// <returns>Bytes of the content.</returns>
    /// <exception cref="StorageException">The disk is full.</exception>
    public long Place()
    {
        _stream.Position = 0;
        _stream.Write(CacheFile.Header(_key, _lengthBytes, _hash.GetHashAndReset()));
        _stream.FlushToDisk();
        _stream.Dispose();
        try
        {
            DurableFile.Replace(_aside, _path);
            return _lengthBytes;
        }
        catch (IOException) when (CacheFile.LengthOf(_path, _key) is { } there)
        {
            // Another process was quicker, and reads what it wrote, which on Windows keeps it in its place.
            return there;
        }
    }

    /// <summary>Deletes what did not take its place.</summary>
    public void Dispose()
    {
        try
        {
            _hash.Dispose();
            _stream.Dispose();
        }
        finally
        {
            File.Delete(_aside);
        }
    }
}
