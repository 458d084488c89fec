namespace Jukebox.Core.Files;

/// <summary>Size and digest of a whole file.</summary>
/// <param name="LengthBytes">Its length.</param>
/// <param name="Sha256">SHA-256 of its bytes, 64 hexadecimal digits.</param>
public sealed record FileDigest(long LengthBytes, string Sha256);
