using Jukebox.MusicReport.Features;

namespace Jukebox.MusicReport;

/// <summary>What no music does, in any excerpt of a sample.</summary>
internal static class SampleChecks
{
    /// <summary>Every fault there is.</summary>
    public static readonly string[] Names = ["silence", "clipping", "drone"];

    /// <summary>Most of an excerpt that may be silent.</summary>
    private const double MostSilence = 0.2;

    /// <summary>Most samples that may be at full scale.</summary>
    private const double MostClipping = 1e-4;

    /// <summary>Most of the time that one note may be the strongest.</summary>
    private const double LongestNote = 0.8;

    /// <summary>Least entropy of the pitch classes: two classes alike have 1 bit.</summary>
    private const double LeastClassEntropyBits = 1;

    /// <summary>The faults of samples, each named once with its worst excerpt's value.</summary>
    public static IReadOnlyList<SampleFault> Find(IEnumerable<AnalyzedExcerpt> excerpts) =>
        [.. excerpts.SelectMany(Faults).GroupBy(fault => (fault.Sample, fault.Fault)).Select(same => same.MaxBy(fault => fault.Value)!)];

    /// <summary>The worst of what is checked.</summary>
    public static Extremes ExtremesOf(IReadOnlyCollection<AnalyzedExcerpt> excerpts) => new(
        excerpts.Max(excerpt => excerpt.Features.Level.SilentShare),
        excerpts.Max(excerpt => excerpt.Features.Level.ClippedShare),
        excerpts.Max(excerpt => excerpt.Features.Pitch.LongestNoteShare),
        excerpts.Min(excerpt => excerpt.Features.Pitch.ClassEntropyBits));

    private static IEnumerable<SampleFault> Faults(AnalyzedExcerpt excerpt)
    {
        (PitchFeatures pitch, LevelFeatures level) = (excerpt.Features.Pitch, excerpt.Features.Level);
        if (level.SilentShare > MostSilence)
        {
            yield return new SampleFault(excerpt.Owner, "silence", level.SilentShare);
        }

        if (level.ClippedShare > MostClipping)
        {
            yield return new SampleFault(excerpt.Owner, "clipping", level.ClippedShare);
        }

        // Of what is silent throughout there is no pitch.
        if (level.SilentShare < 1 && (pitch.LongestNoteShare > LongestNote || pitch.ClassEntropyBits < LeastClassEntropyBits))
        {
            yield return new SampleFault(excerpt.Owner, "drone", pitch.LongestNoteShare);
        }
    }
}
