using Jukebox.Conversion;
using Jukebox.Conversion.Shell;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class ProgressLineTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ProgressHasBytesActivityAndFinishTime(bool isLive)
    {
        using var text = new StringWriter();
        using (var line = new ProgressLine(text, isLive, new Clock()))
        {
            line.Report(new ConversionProgress("writing prior_2.safetensors", 2_500_000_000, 10_000_000_000));
        }

        Assert.Contains("25 %  2.50 GB of 10.00 GB  writing prior_2.safetensors  done at 14:05:", text.ToString(), StringComparison.Ordinal);
        Assert.Equal(isLive, text.ToString().Contains("[######                  ]", StringComparison.Ordinal));
        Assert.EndsWith(Environment.NewLine, text.ToString(), StringComparison.Ordinal);
    }

    private sealed class Clock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2026, 5, 4, 14, 5, 0, TimeSpan.Zero);
    }
}
