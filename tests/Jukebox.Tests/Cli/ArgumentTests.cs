using Jukebox.Cli;
using Jukebox.Core.Errors;
using Jukebox.Core.Text;
using Xunit;

namespace Jukebox.Tests.Cli;

public sealed class ArgumentTests
{
    [Fact]
    public void UnderscoresInOptionNamesAreHyphens() => Assert.Equal(
        ["sample", "--audio-file", "my_song.wav", "--hop-fraction=.5,.5,.125", "--name=a_b"],
        ArgumentNormalizer.Normalize(["sample", "--audio_file", "my_song.wav", "--hop_fraction=.5,.5,.125", "--name=a_b"]));

    [Fact]
    public void ArgumentsAfterADoubleHyphenAreLeftAlone() =>
        Assert.Equal(["--a-b", "--", "--a_b"], ArgumentNormalizer.Normalize(["--a_b", "--", "--a_b"]));

    [Fact]
    public void OneValuePerLevelStandsForAllLevels()
    {
        Assert.Equal(0.9, new PerLevel<double>([0.9]).At(2, 3));
        Assert.Equal(0.7, new PerLevel<double>([0.9, 0.8, 0.7]).At(2, 3));
        Assert.Throws<UsageException>(() => new PerLevel<double>([0.9, 0.8]).At(2, 3));
    }

    [Theory]
    [InlineData(0.04, "0.0 s")]
    [InlineData(42.4, "42 s")]
    [InlineData(200, "3 min 20 s")]
    [InlineData(7500, "2 h 05 min")]
    [InlineData(273_600, "3 d 4 h")]
    public void DurationsReadWell(double seconds, string text) => Assert.Equal(text, Readable.Duration(seconds));

    [Theory]
    [InlineData(999, "999 B")]
    [InlineData(7_400_000, "7.4 MB")]
    [InlineData(999_960, "1.0 MB")]
    [InlineData(10_288_727_721, "10.3 GB")]
    public void BytesReadWell(long bytes, string text) => Assert.Equal(text, Readable.Bytes(bytes));
}
