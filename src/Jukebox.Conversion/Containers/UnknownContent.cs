using System.Buffers.Binary;
using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Conversion.Containers;

/// <summary>Says what a file is that is no checkpoint: most often a download that went wrong.</summary>
internal static class UnknownContent
{
    /// <summary>A header length and the opening brace of its JSON.</summary>
    public static bool LooksLikeSafetensors(ReadOnlySpan<byte> head) =>
        head.Length > 8 && BinaryPrimitives.ReadUInt64LittleEndian(head) <= SafetensorsHeader.LimitBytes && head[8] == '{';

    /// <summary>The error for content that begins like no format that is read.</summary>
    public static DamagedFileException Explain(SourceFile file, ReadOnlySpan<byte> head)
    {
        string start = Encoding.Latin1.GetString(head).TrimStart().ToLowerInvariant();
        if (head.Length == 0)
        {
            return file.Damaged(0, "it is empty", "download it again");
        }

        if (start.StartsWith('<'))
        {
            return file.Damaged(0, "it is a web page, not a checkpoint", "download the file itself; the page may say why the download failed");
        }

        if (start.StartsWith("version https://git-lfs", StringComparison.Ordinal))
        {
            return file.Damaged(0, "it is a git-lfs pointer, not the file that it stands for", "fetch the file with 'git lfs pull'");
        }

        if (Archive(head) is { } archive)
        {
            return file.Damaged(0, $"it is {archive}", "unpack it first");
        }

        if (Model(head) is { } model)
        {
            return file.Damaged(0, $"it is {model}, which no checkpoint of Jukebox is published as", "name a PyTorch checkpoint or a safetensors file");
        }

        if (head.Length > 262 && head[257..].StartsWith("ustar"u8))
        {
            return file.Damaged(257, "it is a tar archive (Jukebox's .pth.tar files are not)", "unpack it and name the checkpoint inside");
        }

        if (start.StartsWith('{'))
        {
            return file.Damaged(0, "it is JSON text, not a checkpoint", "name the folder that it lies in, or the weights beside it");
        }

        return head.Trim((byte)0).Length == 0
            ? file.Damaged(0, "it begins with nothing but zeros: the download never finished", "download it again")
            : file.Damaged(0, "it is neither a PyTorch checkpoint nor a safetensors file", "check what was downloaded");
    }

    private static string? Archive(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? "compressed with gzip"
        : head.StartsWith("BZh"u8) ? "compressed with bzip2"
        : head.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]) ? "compressed with xz"
        : head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xb5, 0x2f, 0xfd]) ? "compressed with Zstandard"
        : head.StartsWith((ReadOnlySpan<byte>)[0x04, 0x22, 0x4d, 0x18]) ? "compressed with LZ4"
        : head.StartsWith((ReadOnlySpan<byte>)[(byte)'7', (byte)'z', 0xbc, 0xaf, 0x27, 0x1c]) ? "a 7-Zip archive"
        : head.StartsWith("Rar!"u8) ? "a RAR archive"
        : head.StartsWith("PK\x5\x6"u8) ? "an empty zip archive"
        : head.StartsWith("PK\x7\x8"u8) ? "a part of a divided zip archive"
        : null;

    private static string? Model(ReadOnlySpan<byte> head) =>
        head.StartsWith("GGUF"u8) ? "a GGUF file"
        : head.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'H', (byte)'D', (byte)'F']) ? "an HDF5 file"
        : head.StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y']) ? "a NumPy array"
        : head.Length > 1 && head[0] == 0x80 && head[1] is >= 2 and <= 5 ? "a Python pickle that torch.save did not write"
        : null;
}
