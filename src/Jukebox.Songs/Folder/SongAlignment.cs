using System.Text.Json;
using System.Text.Json.Serialization;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Songs.Folder;

/// <summary>Where one item's lyrics are sung.</summary>
/// <param name="Item">Index of the item.</param>
/// <param name="Text">The lyrics as the model read them.</param>
/// <param name="Times">
/// For each character of the text the middle, in seconds, of the token that attends to it most; −1 where none does.
/// </param>
/// <param name="Rows">
/// For each stretch of the audio how much its tokens attend to each character of the text, on average.
/// </param>
public sealed record ItemAlignment(int Item, string Text, double[] Times, double[][] Rows);

/// <summary><c>alignment.json</c>: which character is sung when, as the top level's attention tells.</summary>
/// <param name="TokensPerRow">Top-level tokens of a stretch.</param>
/// <param name="SecondsPerRow">Its length.</param>
/// <param name="Items">The items that have lyrics.</param>
public sealed record SongAlignment(int TokensPerRow, double SecondsPerRow, ItemAlignment[] Items)
{
    private const int RowTokens = 16;
    private const string Remedy = "delete it, and it is made anew when the song is resumed";

    /// <summary>Reads <c>alignment.json</c>; none where the song has no aligned lyrics.</summary>
    public static SongAlignment? Read(string songPath)
    {
        string path = Path.Combine(songPath, SongFolder.AlignmentFileName);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            using FileStream stream = RegularFile.OpenRead(path, Remedy);
            return JsonSerializer.Deserialize(stream, AlignmentJson.Default.SongAlignment);
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, e.BytePositionInLine ?? -1, $"it is not valid ({e.Message})", Remedy, e);
        }
    }

    /// <summary>Reduces the attention of several items, one after the other.</summary>
    public static SongAlignment From(IEnumerable<(int Item, LyricAttention Attention)> items, double secondsPerToken) => new(
        RowTokens,
        RowTokens * secondsPerToken,
        [.. items.Select(entry => new ItemAlignment(
            entry.Item, entry.Attention.Text, TimesOf(entry.Attention, secondsPerToken), RowsOf(entry.Attention)))]);

    /// <summary>Writes the content of <c>alignment.json</c>, which many items with long lyrics make larger than an array can be.</summary>
    public void WriteTo(Stream stream)
    {
        JsonSerializer.Serialize(stream, this, AlignmentJson.Default.SongAlignment);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Attention of a token on a character: the column after the character's, as inputs are shifted by one.</summary>
    private static float Weight(LyricAttention attention, int token, int character) =>
        character + 1 < attention.Text.Length ? attention.Weights[token, character + 1] : 0;

    private static double[] TimesOf(LyricAttention attention, double secondsPerToken)
    {
        var times = new double[attention.Text.Length];
        for (int character = 0; character < times.Length; character++)
        {
            int best = -1;
            float most = 0;
            for (int token = 0; token < attention.Weights.GetLength(0); token++)
            {
                float weight = Weight(attention, token, character);
                if (weight > most)
                {
                    (best, most) = (token, weight);
                }
            }

            times[character] = best < 0 ? -1 : Math.Round((best + 0.5) * secondsPerToken, 3);
        }

        return times;
    }

    private static double[][] RowsOf(LyricAttention attention)
    {
        var rows = new double[(attention.Weights.GetLength(0) + RowTokens - 1) / RowTokens][];
        for (int row = 0; row < rows.Length; row++)
        {
            int start = row * RowTokens, count = Math.Min(RowTokens, attention.Weights.GetLength(0) - start);
            rows[row] = new double[attention.Text.Length];
            for (int character = 0; character < attention.Text.Length; character++)
            {
                double sum = 0;
                for (int token = start; token < start + count; token++)
                {
                    sum += Weight(attention, token, character);
                }

                rows[row][character] = Math.Round(sum / count, 4);
            }
        }

        return rows;
    }
}

/// <summary>Serialisation code made at compile time, so that trimmed builds have it.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(SongAlignment))]
internal sealed partial class AlignmentJson : JsonSerializerContext;
