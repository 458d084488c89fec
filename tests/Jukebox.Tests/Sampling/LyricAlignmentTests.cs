using System.Text;
using System.Text.Json;
using Jukebox.Songs.Folder;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Where lyrics are sung, token by token, against the matrix that it stands for.</summary>
public sealed class LyricAlignmentTests
{
    private const double SecondsPerToken = 128 / 44100.0;

    /// <summary>Tokens, characters, tokens of a window, hop, lyric tokens of a window: around rows of 16, windows that end late, texts of all lengths.</summary>
    public static TheoryData<int, int, int, int, int> Shapes => new()
    {
        { 1, 1, 1, 1, 1 }, { 1, 5, 4, 2, 3 }, { 15, 2, 8, 4, 7 }, { 16, 31, 16, 16, 8 }, { 17, 30, 16, 4, 8 }, { 33, 64, 16, 5, 12 }, { 47, 9, 32, 8, 16 }, { 100, 200, 24, 3, 20 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void TheFileIsTheMatrixsByteForByte(int tokens, int characters, int window, int hop, int lyrics)
    {
        AlignmentWindow[] windows = Windows(new TestRandom((ulong)(tokens * characters)), tokens, characters, window, hop, lyrics);
        string text = new('x', characters);
        var attention = new LyricAttention(text, characters, tokens, windows);
        float[,] merged = DenseAlignment.Merge(windows, tokens, characters);
        Assert.Equal(merged, DenseAlignment.Read(attention));

        using var actual = new MemoryStream();
        SongAlignment.From([(3, attention)], SecondsPerToken).WriteTo(actual);
        var expected = new
        {
            tokens_per_row = 16,
            seconds_per_row = 16 * SecondsPerToken,
            items = new[] { new { item = 3, text, times = DenseAlignment.Times(merged, characters, SecondsPerToken), rows = DenseAlignment.Rows(merged, characters) } },
        };
        Assert.Equal(JsonSerializer.Serialize(expected, new JsonSerializerOptions { WriteIndented = true, NewLine = "\n" }) + "\n", Encoding.UTF8.GetString(actual.ToArray()));
    }

    [Fact]
    public void WhatWasWrittenIsReadBack()
    {
        AlignmentWindow[] windows = Windows(new TestRandom(5), 40, 60, 16, 4, 12);
        var attention = new LyricAttention(new string('x', 60), 60, 40, windows);
        var written = SongAlignment.From([(0, attention)], SecondsPerToken);
        using var folder = new TemporaryFolder();
        using (FileStream file = File.Create(folder[SongFolder.AlignmentFileName]))
        {
            written.WriteTo(file);
        }

        ItemAlignment read = SongAlignment.Read(folder.Path)!.Items[0];
        double[][] rows = DenseAlignment.Rows(DenseAlignment.Merge(windows, 40, 60), 60);
        Assert.Equal(written.Items[0].Times, read.Times);
        Assert.Equal(rows, Array.ConvertAll(read.Rows, row => Enumerable.Range(0, row.Length).Select(character => row[character]).ToArray()));
    }

    /// <summary>100 kB of lyrics: the matrix would be 1.6 GB, and twice that as numbers of the file.</summary>
    [Fact]
    public void LongLyricsTakeNoMatrix()
    {
        const int tokens = 4096, characters = 100_000;
        IEnumerable<AlignmentWindow> windows = Enumerable.Range(0, 31).Select(i => Window(new TestRandom((ulong)i), i * 128, 256, 64, (i * 3200) - 10, characters));
        long before = GC.GetAllocatedBytesForCurrentThread();
        var alignment = SongAlignment.From([(0, new LyricAttention(new string('x', characters), characters, tokens, windows))], SecondsPerToken);
        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(tokens / 16, alignment.Items[0].Rows.Length);
        Assert.InRange(taken, 1, 30_000_000);
    }

    private static AlignmentWindow[] Windows(TestRandom random, int tokens, int characters, int window, int hop, int lyrics)
    {
        var windows = new List<AlignmentWindow>();
        for (int start = 0; start == 0 || start < tokens; start += hop)
        {
            windows.Add(Window(random, start, window, lyrics, (int)((long)start * characters / tokens) - (lyrics / 3), characters));
        }

        return [.. windows];
    }

    /// <summary>A window that sees the characters from a place on; what lies outside the text is padding.</summary>
    private static AlignmentWindow Window(TestRandom random, int start, int tokens, int lyrics, int firstCharacter, int characters)
    {
        var weights = new float[tokens, lyrics];
        for (int token = 0; token < tokens; token++)
        {
            for (int j = 0; j < lyrics; j++)
            {
                weights[token, j] = Math.Max(0, random.Signed()) / lyrics;
            }
        }

        return new AlignmentWindow(start, weights, [.. Enumerable.Range(firstCharacter, lyrics).Select(character => character < characters ? Math.Max(-1, character) : -1)]);
    }
}
