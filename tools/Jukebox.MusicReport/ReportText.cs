using System.Globalization;

namespace Jukebox.MusicReport;

/// <summary>The report as a table for people.</summary>
internal static class ReportText
{
    private const int NameWidth = 58;

    public static void Write(Findings findings, TextWriter output)
    {
        ReferenceFindings reference = findings.Reference;
        output.WriteLine($"reference  learnt from {Counts(reference.TrainExcerpts)}; compared with {Counts(reference.HeldOutExcerpts)}");
        output.WriteLine($"           classifier right on {Percent(reference.DegradedAccuracy)} of the held-out after a low-pass at 5 kHz and noise at 13 dB");
        foreach ((string folder, double accuracy) in reference.DecodedAccuracy)
        {
            output.WriteLine($"           classifier right on {Percent(accuracy)} of the held-out as '{folder}' gives them back");
        }

        Extremes worst = reference.Extremes;
        output.WriteLine($"           held-out excerpts have at most {Percent(worst.SilentShare)} silence, {Percent(worst.ClippedShare)} clipped samples, "
            + $"one note for {Percent(worst.LongestNoteShare)} of the time, and at least {Number(worst.ClassEntropyBits)} bits of pitch classes");
        WriteFaults(reference.Faults, "held-out ", output);
        WriteFigures(reference.Figures, output);
        foreach (IGrouping<string, ProbeFinding> label in findings.Probes.GroupBy(probe => probe.Label))
        {
            ProbeFinding any = label.First();
            output.WriteLine();
            output.WriteLine($"{label.Key} of {any.Pieces} held-out pieces, one of {any.Classes}; the commonest is right of {Percent(any.Chance)}");
            foreach (ProbeFinding probe in label)
            {
                output.WriteLine($"  {probe.Features,-12}  linear {Percent(probe.Linear),8}   nearest {Percent(probe.Nearest),8}");
            }
        }

        foreach (SampleFindings samples in findings.Samples)
        {
            output.WriteLine();
            WriteSamples(samples, output);
        }
    }

    private static void WriteSamples(SampleFindings samples, TextWriter output)
    {
        output.WriteLine($"samples    {samples.Heard.Count} in {samples.Folder}");
        output.WriteLine($"           {Percent(samples.InTuneShare.Samples)} of the tonal energy in tune (held-out music: {Percent(samples.InTuneShare.Music)}), "
            + $"{Percent(samples.TonalShare.Samples)} of the energy tonal ({Percent(samples.TonalShare.Music)})");
        output.WriteLine($"           distance {Number(samples.Distance.Samples)} (training music: {Number(samples.Distance.Music)})");
        foreach (IGrouping<string?, HeardInstrument> asked in samples.Heard.GroupBy(sample => sample.Asked).OrderBy(asked => asked.Key, StringComparer.Ordinal))
        {
            IEnumerable<string> heard = asked.GroupBy(sample => sample.Heard).OrderByDescending(set => set.Count()).ThenBy(set => set.Key, StringComparer.Ordinal).Select(set => $"{set.Key} {set.Count()}");
            output.WriteLine($"           asked for {asked.Key ?? "nothing"}: heard {string.Join(", ", heard)}");
        }

        WriteFaults(samples.Faults, "", output);
        WriteFigures(samples.Figures, output);
    }

    private static void WriteFigures(IReadOnlyList<Figure> figures, TextWriter output)
    {
        foreach (Figure figure in figures)
        {
            string limit = $"{(figure.AtMost ? "at most" : "at least")} {Number(figure.Limit)}";
            output.WriteLine($"  {figure.Name,-NameWidth}  {Number(figure.Value),8}  {limit,-14}  {(figure.Met ? "kept" : "MISSED")}");
        }
    }

    private static void WriteFaults(IEnumerable<SampleFault> faults, string kind, TextWriter output)
    {
        foreach (IGrouping<string, SampleFault> same in faults.GroupBy(fault => fault.Fault))
        {
            output.WriteLine($"           {same.Key}: {string.Join(", ", same.Select(fault => $"{kind}{fault.Sample} ({Number(fault.Value)})"))}");
        }
    }

    private static string Counts(SortedDictionary<string, int> counts) =>
        $"{counts.Values.Sum()} excerpts ({string.Join(", ", counts.Select(count => $"{count.Key} {count.Value}"))})";

    private static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
