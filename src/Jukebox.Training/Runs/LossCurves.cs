using System.Text;
using Jukebox.Core.Files;
using OxyPlot;
using OxyPlot.Axes;
using OxyPlot.Legends;
using OxyPlot.Series;

namespace Jukebox.Training.Runs;

/// <summary>Draws the curves of a run's figures as one SVG file.</summary>
internal static class LossCurves
{
    private const double Width = 900;
    private const double Height = 500;

    // Letters come out wider and higher in most viewers than the library measures them.
    private const double LegendPadding = 60;
    private const double LegendLineSpacing = 5;
    private const double AxisTitleDistance = 12;

    /// <summary>Figures that are drawn where a run has them, and what they are called.</summary>
    private static readonly (string Name, string Title, OxyColor Color)[] Drawn =
    [
        ("loss", "loss", OxyColors.Black),
        ("recons_loss", "samples", OxyColors.SteelBlue),
        ("multispectral_loss", "spectra", OxyColors.DarkOrange),
        ("bpd", "bits per token", OxyColors.SeaGreen),
        ("prime_loss", "bits per letter", OxyColors.Purple),
    ];

    /// <summary>Draws; the loss of what is learnt from, and of what is measured on.</summary>
    /// <param name="lines">The figures.</param>
    /// <param name="title">Above the curves.</param>
    /// <param name="path">The file, which is replaced.</param>
    public static void Write(IEnumerable<MetricsLine> lines, string title, string path)
    {
        var model = new PlotModel { Title = title, Background = OxyColors.White, DefaultFont = "Arial" };
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Title = "step", AxisTitleDistance = AxisTitleDistance, MajorGridlineStyle = LineStyle.Dot });
        model.Axes.Add(new LogarithmicAxis { Position = AxisPosition.Left, MajorGridlineStyle = LineStyle.Dot, MinorGridlineStyle = LineStyle.Dot });
        model.Legends.Add(new Legend
        {
            LegendPosition = LegendPosition.RightTop,
            LegendPlacement = LegendPlacement.Outside,
            LegendPadding = LegendPadding,
            LegendLineSpacing = LegendLineSpacing,
        });
        foreach (IGrouping<string, MetricsLine> kind in lines.GroupBy(line => line.Kind))
        {
            foreach ((string name, string shown, OxyColor color) in Drawn)
            {
                AddCurve(model, kind, name, new LineSeries
                {
                    Title = kind.Key == MetricsLine.ValidKind ? $"{shown}, held out" : shown,
                    Color = color,
                    StrokeThickness = 1.5,
                    LineStyle = kind.Key == MetricsLine.ValidKind ? LineStyle.Dash : LineStyle.Solid,
                });
            }
        }

        var exporter = new SvgExporter { Width = Width, Height = Height, UseVerticalTextAlignmentWorkaround = true };
        DurableFile.WriteAtomically(path, Encoding.UTF8.GetBytes(exporter.ExportToString(model)));
    }

    /// <summary>A logarithmic axis has no place for what is not above zero.</summary>
    private static void AddCurve(PlotModel model, IEnumerable<MetricsLine> lines, string name, LineSeries curve)
    {
        curve.Points.AddRange(lines.Where(line => line.Values.GetValueOrDefault(name) > 0).Select(line => new DataPoint(line.Step, line.Values[name])));
        if (curve.Points.Count > 0)
        {
            model.Series.Add(curve);
        }
    }
}
