using Jukebox.Training.Batches;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>The order of batches is a function of seed and step.</summary>
public sealed class BatchOrderTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(17, 4)]
    [InlineData(64, 8)]
    public void AnEpochUsesEveryItemAtMostOnceAndLeavesLessThanABatch(int items, int batch)
    {
        var order = new BatchOrder(3, items, batch);
        Assert.Equal(items / batch, order.StepsPerEpoch);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            long[] used = [.. Steps(order, epoch * order.StepsPerEpoch, order.StepsPerEpoch)];
            Assert.Equal(used.Length, used.Distinct().Count());
            Assert.All(used, item => Assert.InRange(item, 0, items - 1));
            Assert.True(items - used.Length < batch);
        }
    }

    [Fact]
    public void AStepsItemsDoNotDependOnTheStepsBefore()
    {
        var forward = new BatchOrder(7, 50, 4);
        long[][] expected = [.. Enumerable.Range(0, 40).Select(step => forward.ItemsOf(step).ToArray())];
        var backward = new BatchOrder(7, 50, 4);
        for (int step = 39; step >= 0; step--)
        {
            Assert.Equal(expected[step], backward.ItemsOf(step).ToArray());
        }
    }

    [Fact]
    public void EpochsAndSeedsDiffer()
    {
        var order = new BatchOrder(1, 100, 10);
        long[] first = [.. Steps(order, 0, 10)], second = [.. Steps(order, 10, 10)], other = [.. Steps(new BatchOrder(2, 100, 10), 0, 10)];
        Assert.NotEqual(first, second);
        Assert.NotEqual(first, other);
        Assert.NotEqual(first, [.. first.Order()]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void ShiftsFillTheirRange(int half)
    {
        var order = new BatchOrder(1, 8, 8);
        long[] shifts = [.. Enumerable.Range(0, 100).SelectMany(step => Enumerable.Range(0, 8).Select(i => order.ShiftOf(step, i, half)))];
        Assert.Equal(half == 0 ? [0L] : Enumerable.Range(-half, 2 * half).Select(i => (long)i), shifts.Distinct().Order());
    }

    [Fact]
    public void BlendsFillTheirRangeAndDifferFromItemToItem()
    {
        var order = new BatchOrder(1, 8, 8);
        double[] blends = [.. Enumerable.Range(0, 100).SelectMany(step => Enumerable.Range(0, 8).Select(i => order.BlendOf(step, i)))];
        Assert.Equal(blends.Length, blends.Distinct().Count());
        Assert.All(blends, blend => Assert.InRange(blend, 0, 1));
        Assert.Equal(Enumerable.Range(0, 10), blends.Select(blend => (int)(10 * blend)).Distinct().Order());
    }

    [Fact]
    public void FewerItemsThanABatchAreRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new BatchOrder(1, 3, 4));

    private static IEnumerable<long> Steps(BatchOrder order, long first, long count) =>
        Enumerable.Range(0, (int)count).SelectMany(i => order.ItemsOf(first + i).ToArray());
}
