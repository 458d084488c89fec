using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Which attention function stands at which depth, as the published models have it.</summary>
public sealed class AttentionOrderTests
{
    [Theory]
    [InlineData("5b", new int[0], new int[0], new int[0], 24, 24, 24)]
    [InlineData("5b_lyrics", new[] { 18, 28, 38, 48, 58, 68, 78 }, new int[0], new int[0], 24, 24, 24)]
    [InlineData("1b_lyrics", new int[0], new[] { 15, 31, 63 }, new[] { 47 }, 22, 23, 23)]
    public void PublishedStacksHaveTheirLayers(string model, int[] cross, int[] prefix, int[] dense, int block, int transposed, int previous)
    {
        TransformerSpec spec = PublishedModels.Top(model).Transformer;
        ILookup<AttentionKind, int> depths = Enumerable.Range(0, spec.Depth).ToLookup(spec.KindAt);
        Assert.Equal(cross, depths[AttentionKind.LyricsCross]);
        Assert.Equal(prefix, depths[AttentionKind.LyricsPrefix]);
        Assert.Equal(dense, depths[AttentionKind.Dense]);
        Assert.Equal(
            (block, transposed, previous),
            (depths[AttentionKind.Block].Count(), depths[AttentionKind.TransposedBlock].Count(), depths[AttentionKind.PreviousBlock].Count()));
    }

    [Theory]
    [InlineData(0, "0000")]
    [InlineData(1, "1212")]
    [InlineData(2, "123123")]
    [InlineData(3, "1414")]
    [InlineData(4, "1515")]
    [InlineData(5, "14111411")]
    [InlineData(6, "12361236")]
    [InlineData(7, "123123123123123612312312312312361")]
    [InlineData(8, "123123123612312312361")]
    [InlineData(9, "12301230")]
    [InlineData(10, "1231231231231231236123123123612")]
    [InlineData(11, "123123123123123623123123123123163123123123123120123123123123123623")]
    [InlineData(12, "123123123123123723123123123123173123123123123120123123123123123723")]
    public void OrdersRepeatAsTheyShould(int order, string functions)
    {
        var spec = new TransformerSpec { Width = 16, Depth = 100, Heads = 1, AttentionOrder = order, BlockCount = 4 };
        Assert.Equal(functions, string.Concat(Enumerable.Range(0, functions.Length).Select(depth => (int)spec.KindAt(depth))));
    }
}
