using System.Security.Cryptography;
using Jukebox.Core.Files;

namespace Jukebox.Studio.Embeddings;

/// <summary>What a file was when it was read, so that a change shows: of what is opened, as names may be links and pipes have copies.</summary>
/// <param name="Bytes">Its length.</param>
/// <param name="Modified">When it was last written to, UTC.</param>
/// <param name="Sha256">Its SHA-256, where that was asked for.</param>
internal readonly record struct EmbedStamp(long Bytes, DateTime Modified, string? Sha256)
{
    /// <summary>Looks at a file; what cannot be opened has no length and no time.</summary>
    public static EmbedStamp Of(string path, bool hash)
    {
        try
        {
            using FileStream stream = RegularFile.OpenRead(path);
            return new EmbedStamp(stream.Length, File.GetLastWriteTimeUtc(stream.SafeFileHandle), hash ? Convert.ToHexStringLower(SHA256.HashData(stream)) : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }
}
