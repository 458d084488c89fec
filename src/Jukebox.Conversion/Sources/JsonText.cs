using System.Text.Json;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Sources;

/// <summary>JSON files from outside, with the tool's own error for everything that is wrong with them.</summary>
internal static class JsonText
{
    /// <summary>Far above the largest configuration, index or label table that is published.</summary>
    public const int LengthLimitBytes = 16 << 20;

    private const string Remedy = "download the file again";

    /// <summary>The bytes of a file, without UTF-8's mark.</summary>
    /// <exception cref="DamagedFileException">It is too large.</exception>
    /// <exception cref="ConversionException">It cannot be opened, or is no file.</exception>
    public static byte[] ReadBytes(string path) => SourceFile.WithoutMark(SourceFile.ReadAll(path, LengthLimitBytes, "a description"));

    /// <summary>Parses a file.</summary>
    /// <exception cref="DamagedFileException">It is not valid JSON.</exception>
    /// <exception cref="ConversionException">It cannot be opened, or is no file.</exception>
    public static JsonDocument Read(string path)
    {
        byte[] text = ReadBytes(path);
        try
        {
            return JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, e.BytePositionInLine ?? -1, $"it is not valid JSON (line {e.LineNumber + 1})", Remedy, e);
        }
    }

    /// <summary>Runs code that walks a document; a value of an unexpected kind becomes the tool's own error.</summary>
    public static void Guard(string path, Action walk)
    {
        try
        {
            walk();
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new DamagedFileException(path, -1, $"a value in it is not what it should be ({e.Message.TrimEnd('.')})", Remedy, e);
        }
    }

    /// <summary>null, bool, long, double, string or an array of those; anything else is an error of the walk.</summary>
    public static object? Simplify(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.TryGetInt64(out long integer) ? (object)integer : value.GetDouble(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Array => value.EnumerateArray().Select(Simplify).ToArray(),
        _ => throw new FormatException("an object where a value should be"),
    };
}
