using Jukebox.MusicReport.Features;

namespace Jukebox.MusicReport;

/// <summary>An excerpt of a piece or a sample.</summary>
/// <param name="Owner">Which piece or sample.</param>
/// <param name="Instrument">What plays, or was asked to; none where nobody said.</param>
/// <param name="Features">What was measured.</param>
internal sealed record AnalyzedExcerpt(string Owner, string? Instrument, ExcerptFeatures Features);
