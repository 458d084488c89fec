using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Songs.Folder;
using Jukebox.Testing.Golden;
using Jukebox.Tests.Sampling;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>
/// Windows in a row with the two tiny lyric priors: their label rows, the lyric alignment merged over them, and greedy
/// tokens, against what the original implementation printed.
/// </summary>
public sealed class LyricWindowsTests : IDisposable
{
    private const int SamplesPerToken = 8;

    private static readonly int[][] Lyrics = [SyntheticWeights.Tokens("lyrA", 1, 20, 11)[0], SyntheticWeights.Tokens("lyrB", 1, 9, 11)[0]];
    private static readonly int[][] Codes = SyntheticWeights.Tokens("zalign", 2, 40, 16);

    private readonly CpuBackend _backend = new();

    [Theory]
    [InlineData('C')]
    [InlineData('D')]
    public void LabelRowsMatch(char letter)
    {
        PriorSpec spec = SyntheticPriors.Tiny(letter);
        foreach (int start in (ReadOnlySpan<int>)[0, 16])
        {
            WindowLabels[] labels = Labels(spec, start);
            float[] expected = SyntheticVectors.List(SyntheticVectors.Windows, $"{letter} get_y start {start} ");
            Assert.Equal(expected, labels.SelectMany(label => label.Row).Select(value => (float)value));
            float[] indices = SyntheticVectors.List(SyntheticVectors.Windows, $"{letter} get_y start {start} ", "]] ");
            Assert.Equal(indices, labels.SelectMany(label => label.LyricIndices).Select(value => (float)value));
        }
    }

    [Theory]
    [InlineData('C')]
    [InlineData('D')]
    public void MergedAlignmentMatches(char letter) => WithRun(letter, (run, expected) =>
    {
        string[] marks = ["align (40, 20)", "align (40, 9)"], shortMarks = ["align short (25, 20)", "align short (25, 9)"];
        for (int item = 0; item < 2; item++)
        {
            float[,] merged = Align(run, item, Codes[item], [0, 8], 40);
            CheckSum(expected, marks[item], merged);
            Closeness.Check("row 0", SyntheticVectors.List(expected, marks[item], "[0,:4]"), Row(merged, 0)[..4], Tolerances.GoldenActivations);
            Closeness.Check("row 20", SyntheticVectors.List(expected, marks[item], "[20,:4]"), Row(merged, 20)[..4], Tolerances.GoldenActivations);
            Closeness.Check("row 39", SyntheticVectors.List(expected, marks[item], "[39,-3:]"), Row(merged, 39)[^3..], Tolerances.GoldenActivations);

            float[,] cut = Align(run, item, [.. Codes[item][..25], .. new int[7]], [0], 25);
            CheckSum(expected, shortMarks[item], cut);
            Closeness.Check("row 24", SyntheticVectors.List(expected, shortMarks[item], "[24,:4]"), Row(cut, 24)[..4], Tolerances.GoldenActivations);
        }
    });

    [Theory]
    [InlineData('C')]
    [InlineData('D')]
    public void GreedyWindowsMatch(char letter) => WithRun(letter, (run, expected) =>
    {
        int[][] first = run.Finish(Window(run.Spec, 0, [[], []]), 32);
        int[][] second = run.Finish(Window(run.Spec, 8, Array.ConvertAll(first, codes => codes[8..])), 32);
        IEnumerable<int> all = first.Zip(second, (a, b) => a.Concat(b[24..])).SelectMany(codes => codes);
        Assert.Equal(SyntheticVectors.List(expected, "sample_level total40 hop8"), all.Select(code => (float)code));

        int[][] partial = run.Finish(Window(run.Spec, 0, Array.ConvertAll(Codes, codes => codes[..10])), 30);
        Assert.Equal(SyntheticVectors.List(expected, "sample_level primed10 total20 -> (2,30)"), partial.SelectMany(codes => codes[10..]).Select(code => (float)code));
    });

    [Fact]
    public void EarlierWindowsWinWhereBothSawTheCharacter()
    {
        AlignmentWindow[] windows =
        [
            new(0, new float[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } }, [-1, 0]),
            new(1, new float[,] { { 10, 20 }, { 30, 40 }, { 50, 60 } }, [0, 1]),
        ];
        Assert.Equal(new float[,] { { 2, 0 }, { 4, 20 }, { 6, 40 } }, DenseAlignment.Read(new LyricAttention("ab", 2, 3, windows)));
        Assert.Equal(new float[,] { { 2, 0 }, { 4, 20 }, { 6, 40 }, { 50, 60 } }, DenseAlignment.Read(new LyricAttention("ab", 2, 4, windows)));
    }

    public void Dispose() => _backend.Dispose();

    private static float[] Row(float[,] matrix, int row) => [.. Enumerable.Range(0, matrix.GetLength(1)).Select(column => matrix[row, column])];

    private static void CheckSum(string expected, string mark, float[,] matrix) => Closeness.Check(
        mark, [(float)SyntheticVectors.Number(expected, mark, "sum")], [matrix.Cast<float>().Sum()], Tolerances.GoldenActivations);

    private static float[,] Align(PriorRun run, int item, int[] codes, int[] starts, int tokens)
    {
        var windows = new List<AlignmentWindow>();
        foreach (int start in starts)
        {
            WindowLabels labels = Labels(run.Spec, start)[item];
            PriorWindow window = Window(run.Spec, start, [codes[start..(start + 32)]]) with { Items = [item], Labels = [labels.Row] };
            windows.Add(new AlignmentWindow(start, run.AlignmentAttention(window)[0], labels.LyricIndices));
        }

        return DenseAlignment.Read(new LyricAttention("", Lyrics[item].Length, tokens, windows));
    }

    private static WindowLabels[] Labels(PriorSpec spec, int start)
    {
        long[][] bases = [[500, 100, 0, 3, 1, -1, -1], [1500, 0, 0, 6, 0, -1, -1]];
        int columns = 4 + spec.Labels!.MaxGenres;
        return [.. bases.Select((row, item) => ItemLabels
            .FromRow(spec, SamplesPerToken, [.. row[..columns], .. new long[spec.LyricsLength]], Lyrics[item]).ForWindow(start))];
    }

    private static PriorWindow Window(PriorSpec spec, int start, int[][] known) => new()
    {
        StartToken = start,
        Items = [0, 1],
        Labels = Array.ConvertAll(Labels(spec, start), labels => labels.Row),
        Known = known,
        Rule = new SamplingRule(1, TopK: 1),
        Seed = 0,
    };

    private void WithRun(char letter, Action<PriorRun, string> test)
    {
        PriorSpec spec = SyntheticPriors.Tiny(letter);
        using var synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder model = synthetic.Open();
        using Prior prior = Prior.Load(_backend, model, spec.Level);
        using PriorRun run = prior.CreateRun(2, 5);
        test(run, SyntheticVectors.Block(SyntheticVectors.Windows, $"{letter} get_y start 16", "get_y start 0"));
    }
}
