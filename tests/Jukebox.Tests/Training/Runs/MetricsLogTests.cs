using Jukebox.Training.Runs;
using Xunit;

namespace Jukebox.Tests.Training.Runs;

/// <summary>Figures survive any end of the process.</summary>
public sealed class MetricsLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Log => _folder["metrics.jsonl"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void GoingOnDropsLaterLinesAndTornOnes()
    {
        using (MetricsLog log = MetricsLog.Open(Log, 0))
        {
            foreach (long step in (long[])[1, 2, 3])
            {
                log.Append(LineOf(step));
            }
        }

        File.AppendAllText(Log, "{\"step\":2,\"ki");
        using (MetricsLog log = MetricsLog.Open(Log, 2))
        {
            log.Append(LineOf(3));
        }

        Assert.Equal([1, 2, 3], MetricsLog.Read(Log).Select(line => line.Step));
        Assert.Equal(3, File.ReadAllLines(Log).Length);
    }

    [Fact]
    public void WhatIsNoNumberIsNull()
    {
        using (MetricsLog log = MetricsLog.Open(Log, 0))
        {
            log.Append(new MetricsLine(1, "train", new Dictionary<string, double> { ["loss"] = double.NaN, ["gn"] = 0.5 }));
        }

        Assert.Equal("{\"step\":1,\"kind\":\"train\",\"loss\":null,\"gn\":0.5}\n", File.ReadAllText(Log));
        MetricsLine line = Assert.Single(MetricsLog.Read(Log));
        Assert.True(double.IsNaN(line.Values["loss"]));
        Assert.Equal(0.5, line.Values["gn"]);
    }

    private static MetricsLine LineOf(long step) => new(step, "train", new Dictionary<string, double> { ["loss"] = 1.0 / step });
}
