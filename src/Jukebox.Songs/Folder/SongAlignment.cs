using System.Text.Json.Serialization;
using System.Text.Json;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;

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
public sealed record ItemAlignment(int Item, string Text, double[] Times, AlignmentRow[] Rows);

/// <summary><c>alignment.json</c>: which character is sung when, as the top level's attention tells.</summary>
/// <param name="TokensPerRow">Top-level tokens of a stretch.</param>
/// <param name="SecondsPerRow">Its length.</param>
/// <param name="Items">The items that have lyrics.</param>
public sealed record SongAlignment(int TokensPerRow, double SecondsPerRow, ItemAlignment[] Items)
{
    private const int RowTokens = 16;
    private const int BytesPerNumber = 13; // a zero on a line of its own, as nearly all are
    private const string Remedy = "delete it, and it is made anew when the song is resumed";

    /// <summary>About how long the file is that an item's alignment makes.</summary>
    public static long LengthBytes(int tokens, int characters) => ((long)tokens + RowTokens - 1) / RowTokens * characters * BytesPerNumber;

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
            throw new DamagedFileException(path, e.BytePositionInLine ?? -1, $"it is not valid ({JsonMistake.Of(e)})", Remedy, e);
        }
    }

    /// <summary>Reduces the attention of several items, one after the other.</summary>
    public static SongAlignment From(IEnumerable<(int Item, LyricAttention Attention)> items, double secondsPerToken) => new(
        RowTokens, RowTokens * secondsPerToken, [.. items.Select(entry => Reduce(entry.Item, entry.Attention, secondsPerToken))]);

    /// <summary>Writes the content of <c>alignment.json</c>, which many items with long lyrics make larger than an array can be.</summary>
    public void WriteTo(Stream stream)
    {
        JsonSerializer.Serialize(stream, this, AlignmentJson.Default.SongAlignment);
        stream.WriteByte((byte)'\n');
    }

    private static ItemAlignment Reduce(int item, LyricAttention attention, double secondsPerToken)
    {
        string text = attention.Text;
        var reduction = new Reduction(text.Length, attention.TokenCount);
        LyricAlignment.Read(attention, reduction.Add);
        return new ItemAlignment(item, text, reduction.Times(secondsPerToken), [.. reduction.Rows]);
    }

    /// <summary>What is kept of the attention of token after token.</summary>
    private sealed class Reduction
    {
        private readonly int[] _bestTokens;
        private readonly float[] _most;
        private readonly double[] _sums; // of the row that is being added up
        private readonly int _tokens;
        private int _first, _end; // characters of it that have sums

        public Reduction(int characters, int tokens)
        {
            (_bestTokens, _most, _sums, _tokens) = (new int[characters], new float[characters], new double[characters], tokens);
            Array.Fill(_bestTokens, -1);
            _first = characters;
        }

        public List<AlignmentRow> Rows { get; } = [];

        /// <summary>Adds a token's attention to characters' positions: a character's own is the one after it, as inputs are shifted by one.</summary>
        public void Add(int token, int first, ReadOnlySpan<float> weights)
        {
            int count = Math.Min(weights.Length, _sums.Length - first);
            for (int i = first == 0 ? 1 : 0; i < count; i++)
            {
                int character = first + i - 1;
                _sums[character] += weights[i];
                if (weights[i] > _most[character])
                {
                    (_bestTokens[character], _most[character]) = (token, weights[i]);
                }
            }

            _first = Math.Min(_first, Math.Max(0, first - 1));
            _end = Math.Max(_end, first + count - 1);
            if (token % RowTokens == RowTokens - 1 || token == _tokens - 1)
            {
                EndRow((token % RowTokens) + 1);
            }
        }

        public double[] Times(double secondsPerToken) =>
            [.. _bestTokens.Select(best => best < 0 ? -1 : Math.Round((best + 0.5) * secondsPerToken, 3))];

        private void EndRow(int count)
        {
            int first = Math.Min(_first, _end);
            Rows.Add(new AlignmentRow(_sums.Length, first, Array.ConvertAll(_sums[first.._end], sum => Math.Round(sum / count, 4))));
            _sums.AsSpan(first.._end).Clear();
            (_first, _end) = (_sums.Length, 0);
        }
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
