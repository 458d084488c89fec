using System.Security.Cryptography;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Songs.Request;

/// <summary>What tells the recording that a song began with from another of its name.</summary>
internal static class SourceDigest
{
    private static readonly Dictionary<(string Path, long LengthBytes, DateTime Changed), string> Known = [];

    /// <summary>SHA-256 of a file, in hexadecimal; none where it is none that can be read twice.</summary>
    public static string? Of(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream stream = RegularFile.OpenRead(path, "");
            (string, long, DateTime) key = (path, stream.Length, File.GetLastWriteTimeUtc(path));
            lock (Known)
            {
                if (!Known.TryGetValue(key, out string? digest))
                {
                    digest = Convert.ToHexStringLower(SHA256.HashData(stream));
                    Known[key] = digest;
                }

                return digest;
            }
        }
        catch (DamagedFileException)
        {
            return null;
        }
    }
}
