using Jukebox.Core.Randomness;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class CounterRandomTests
{
    /// <summary>The known answers published with the algorithm (Random123, <c>kat_vectors</c>).</summary>
    [Fact]
    public void PhiloxGivesItsPublishedAnswers()
    {
        Assert.Equal((0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u), CounterRandom.Philox(0, 0, 0, 0, 0, 0));
        const uint ones = uint.MaxValue;
        Assert.Equal((0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu), CounterRandom.Philox(ones, ones, ones, ones, ones, ones));
    }

    [Fact]
    public void EveryCoordinateChangesTheNumberAndNoneIsOne()
    {
        double[] numbers =
        [
            CounterRandom.Uniform(1, 0, 0, 0), CounterRandom.Uniform(1UL << 40, 0, 0, 0), CounterRandom.Uniform(1, 1, 0, 0),
            CounterRandom.Uniform(1, 0, 1, 0), CounterRandom.Uniform(1, 0, 0, 1), CounterRandom.Uniform(1, 0, 0, 1L << 40),
        ];
        Assert.Equal(numbers.Length, numbers.Distinct().Count());
        Assert.All(numbers, number => Assert.InRange(number, 0, Math.BitDecrement(1.0)));
    }
}
