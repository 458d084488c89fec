using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Jukebox.Training;

/// <summary>Draws the curves of a run's figures as one SVG file.</summary>
public static class LossCurves
{
    private const double Width = 900;
    private const double Height = 500;

    /// <summary>Figures that are drawn where a run has them.</summary>
    private static readonly string[] Drawn = ["loss", "recons_loss", "multispectral_loss", "bpd", "prime_loss"];

    /// <summary>Draws; the loss of what is learnt from, and of what is measured on.</summary>
    /// <param name="lines">The figures.</param>
    /// <param name="title">Above the curves.</param>
    /// <param name="path">The file, which is replaced.</param>
    public static void Write(IEnumerable<MetricsLine> lines, string title, string path)
    {
        var model = new PlotModel { Title = title, Background = OxyColors.White };
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, Title = "loss", MajorGridlineStyle = LineStyle.Dot, MinorGridlineStyle = LineStyle.Dot });
        model.Legends.Add(new Legend { LegendPosition = LegendPosition.RightTop });
        foreach (IGrouping<string, MetricsLine> kind in lines.GroupBy(line => line.Kind))
        {
            foreach (string name in Drawn)
            {
                AddCurve(model, kind, name);
            }
        }

        var exporter = new SvgExporter { Width = Width, Height = Height };
        File.WriteAllText(path, exporter.ExportToString(model));
    }

    /// <summary>A logarithmic axis has no place for what is not above zero.</summary>
    private static void AddCurve(PlotModel model, IGrouping<string, MetricsLine> kind, string name)
    {
        DataPoint[] points = [.. kind.Where(line => line.Values.GetValueOrDefault(name) > 0).Select(line => new DataPoint(line.Step, line.Values[name]))];
        if (points.Length > 0)
        {
            var curve = new LineSeries { Title = $"{name}, {kind.Key}", StrokeThickness = 1.5, LineStyle = kind.Key == MetricsLine.ValidKind ? LineStyle.Dash : LineStyle.Solid };
            curve.Points.AddRange(points);
            model.Series.Add(curve);
        }
    }
}
