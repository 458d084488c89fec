using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Files;

namespace Jukebox.Cuda.Compiler;

/// <summary>
/// Compiled kernels in a folder, a file for each key. A file says which key it is for and carries a checksum, so a
/// damaged one, or one of another origin, is as good as absent. Files appear whole (written aside, then renamed), so any
/// number of processes may share a folder. A folder that cannot be written costs compiling again, nothing else.
/// </summary>
internal sealed class KernelCache(string folder)
{
    private const int HeaderBytes = MagicBytes + KeyBytes + SHA256.HashSizeInBytes;
    private const int MagicBytes = 16;
    private const int KeyBytes = 32;

    private static readonly byte[] Magic = Encoding.ASCII.GetBytes("jukebox kernel 1");

    /// <summary>
    /// The user's: <c>XDG_CACHE_HOME</c> or <c>~/.cache</c>, on Windows the local application data, and there
    /// <c>jukebox-native/kernels</c>.
    /// </summary>
    public static string UserFolder
    {
        get
        {
            string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            string root = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
                : Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache");
            return Path.Combine(root, "jukebox-native", "kernels");
        }
    }

    /// <summary>Where the file of a key is, or would be.</summary>
    public string PathOf(string key) => Path.Combine(folder, key[..40] + ".kernel");

    /// <summary>What was stored under a key (64 hexadecimal digits), if it is there and whole.</summary>
    public byte[]? Find(string key)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(PathOf(key));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return bytes.Length > HeaderBytes && bytes.AsSpan(0, HeaderBytes).SequenceEqual(Header(key, bytes.AsSpan(HeaderBytes)))
            ? bytes[HeaderBytes..]
            : null;
    }

    /// <summary>Stores an image under a key, in place of whatever is there.</summary>
    public void Store(string key, ReadOnlySpan<byte> image)
    {
        string path = PathOf(key);
        string aside = $"{path}.{Environment.ProcessId}.{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(folder);
            using (var stream = new DurableStream(aside, FileMode.Create, path))
            {
                stream.Write(Header(key, image));
                stream.Write(image);
                stream.FlushToDisk();
            }

            DurableFile.Replace(aside, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StorageException)
        {
            TryDelete(aside);
        }
    }

    private static byte[] Header(string key, ReadOnlySpan<byte> image)
    {
        var header = new byte[HeaderBytes];
        Magic.CopyTo(header, 0);
        Convert.FromHexString(key).CopyTo(header, MagicBytes);
        SHA256.HashData(image, header.AsSpan(MagicBytes + KeyBytes));
        return header;
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }
}
