using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Errors;

namespace Jukebox.Core.Files;

/// <summary>
/// JSON text that says of itself what it was when it was written: its last member, <c>digest</c>, is the SHA-256 of all that stands
/// before it. A flipped bit is then not read as another setting. Text without that member, which earlier versions wrote and people do, is taken as it
/// is. Line ends do not count, as some tools change them.
/// </summary>
public static class SealedJson
{
    /// <summary>More than any description of a song, a model or a run has.</summary>
    public const int LimitBytes = 64 << 20;

    private static readonly byte[] Member = ",\n  \"digest\": \""u8.ToArray();
    private static readonly byte[] Key = "\"digest\""u8.ToArray();

    /// <summary>Puts the digest of an object after its members; the text ends with a line end.</summary>
    public static byte[] Seal(ReadOnlySpan<byte> json)
    {
        ReadOnlySpan<byte> body = json.TrimEnd(" \r\n"u8);
        if (!body.EndsWith("\n}"u8))
        {
            throw new ArgumentException("only an indented object with members can be sealed", nameof(json));
        }

        body = body[..^2];
        return [.. body, .. Member, .. Encoding.ASCII.GetBytes(DigestOf(body)), .. "\"\n}\n"u8];
    }

    /// <summary>Reads a file: its text without byte order mark and digest.</summary>
    /// <exception cref="DamagedFileException">It is too long, no regular file, or not what was written.</exception>
    public static byte[] Read(string path, string remedy) => Unseal(RegularFile.ReadAll(path, LimitBytes, remedy), path, remedy);

    /// <summary>Takes byte order mark and digest off a text.</summary>
    /// <exception cref="DamagedFileException">It is not what was written.</exception>
    public static byte[] Unseal(ReadOnlySpan<byte> json, string path, string remedy)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }

        int key = json.LastIndexOf(Key);
        if (key < 0 || !TryDigest(json[(key + Key.Length)..], out string digest))
        {
            return json.ToArray();
        }

        ReadOnlySpan<byte> body = json[..key].TrimEnd(" \t\r\n"u8);
        if (!body.EndsWith(","u8))
        {
            return json.ToArray();
        }

        body = body[..^1];
        return DigestOf(body) == digest
            ? [.. body, .. "\n}"u8]
            : throw new DamagedFileException(
                path, -1, "it was changed after it was written, as its digest tells", $"{remedy}, or delete the line \"digest\" if the change is meant");
    }

    /// <summary>What follows the key: a colon, 64 hexadecimal digits in quotes, the end of the object.</summary>
    private static bool TryDigest(ReadOnlySpan<byte> text, out string digest)
    {
        string rest = new([.. Encoding.ASCII.GetString(text).Where(c => !char.IsWhiteSpace(c))]);
        digest = rest.Length == 68 ? rest[2..66] : "";
        return rest.Length == 68 && rest.StartsWith(":\"", StringComparison.Ordinal) && rest.EndsWith("\"}", StringComparison.Ordinal);
    }

    private static string DigestOf(ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        while (body.IndexOf((byte)'\r') is >= 0 and int at)
        {
            hash.AppendData(body[..at]);
            body = body[(at + 1)..];
        }

        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
