using System.Buffers.Binary;
using System.Text;
using Jukebox.Core;

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

        if (head.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
        {
            return file.Damaged(0, "it is compressed with gzip", "unpack it first");
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
}
