using Jukebox.Recordings.Evaluation;
using Xunit;

namespace Jukebox.Tests.Training.Evaluation;

/// <summary>Usage of a codebook.</summary>
public sealed class CodeHistogramTests
{
    [Fact]
    public void EntropyAndPerplexityAreThoseOfTheCodesShares()
    {
        var codes = new CodeHistogram(8);
        codes.Add([0, 0, 0, 0]);
        codes.Add([3, 3, 5, 6]);
        Assert.Equal((8, 4, 0.5), (codes.Total, codes.UsedCodes, codes.UsedShare));
        Assert.Equal((0.5 * 1) + (0.25 * 2) + (0.125 * 3) + (0.125 * 3), codes.EntropyBits, 1e-12);
        Assert.Equal(Math.Pow(2, 1.75), codes.Perplexity, 1e-12);
    }

    [Fact]
    public void CodesUsedAlikeAreAsVariedAsTheyAreMany()
    {
        var codes = new CodeHistogram(64);
        codes.Add([.. Enumerable.Range(0, 64), .. Enumerable.Range(0, 64)]);
        Assert.Equal((1, 6), (codes.UsedShare, codes.EntropyBits));
        Assert.Equal(64, codes.Perplexity, 1e-9);
    }
}
