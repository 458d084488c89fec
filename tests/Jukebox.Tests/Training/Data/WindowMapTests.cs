using Jukebox.Recordings.Windows;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>Windows of tracks laid end to end, held against the specification's own words.</summary>
public sealed class WindowMapTests
{
    [Fact]
    public void EveryWindowLiesWhereTheSpecificationSays()
    {
        var random = new Random(5);
        for (int trial = 0; trial < 300; trial++)
        {
            long window = random.Next(1, 40);
            long[] lengths = [.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => window + random.Next(0, 60))];
            var map = new WindowMap(lengths, window);
            Assert.Equal(lengths.Sum() / window, map.Count);
            for (long item = 0; item < map.Count; item++)
            {
                for (long shift = -(window / 2); shift < Math.Max(window / 2, 1 - (window / 2)); shift++)
                {
                    WindowPlace place = map.Locate(item, shift);
                    Assert.Equal(Specified(lengths, window, item, shift), place);
                    Assert.InRange(place.Offset, 0, lengths[place.Track] - window);
                }
            }
        }
    }

    [Fact]
    public void WithoutShiftTheWindowsOfOneTrackFollowEachOther()
    {
        var map = new WindowMap([100], 8);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => new WindowPlace(0, 8L * i)), Enumerable.Range(0, 12).Select(i => map.Locate(i, 0)));
    }

    [Fact]
    public void AWindowOutOfRangeAndATrackThatIsTooShortAreRefused()
    {
        var map = new WindowMap([16], 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Locate(2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => map.Locate(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new WindowMap([16, 7], 8));
        Assert.Equal(0, new WindowMap([], 8).Count);
    }

    /// <summary>
    /// "song = first song whose cumulative end ≥ off + half; if off &gt; end − SL: off = max(start, off − half), else if off &lt;
    /// start: off = min(end − SL, off + half)". With an odd length the first rule may end one beyond the song, which the
    /// original's assertion forbids: it is moved back.
    /// </summary>
    private static WindowPlace Specified(long[] lengths, long window, long item, long shift)
    {
        long half = window / 2, offset = (item * window) + shift, start = 0;
        for (int song = 0; song < lengths.Length; start += lengths[song], song++)
        {
            long end = start + lengths[song];
            if (end >= offset + half)
            {
                offset = offset > end - window ? Math.Max(start, offset - half)
                    : offset < start ? Math.Min(end - window, offset + half)
                    : offset;
                return new WindowPlace(song, Math.Min(offset, end - window) - start);
            }
        }

        throw new InvalidOperationException("no song");
    }
}
