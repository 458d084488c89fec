using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jukebox.MusicReport;

/// <summary>A measured figure and the floor, or ceiling, that it is held to.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">What was measured.</param>
/// <param name="Limit">What it should reach.</param>
/// <param name="AtMost">Whether the limit is a ceiling.</param>
public sealed record Figure(string Name, double Value, double Limit, bool AtMost)
{
    /// <summary>Whether the limit is kept; a value that is no number does not.</summary>
    public bool Met => AtMost ? Value <= Limit : Value >= Limit;
}

/// <summary>The reference music and what can be told of it.</summary>
/// <param name="TrainExcerpts">Excerpts learnt from, by instrument.</param>
/// <param name="HeldOutExcerpts">Excerpts compared with, by instrument.</param>
/// <param name="Figures">What is held to a limit.</param>
/// <param name="DegradedAccuracy">Share of the held-out excerpts whose instrument is heard after a low-pass at 5 kHz and noise at 13 dB.</param>
/// <param name="DecodedAccuracy">The same as each model gives the held-out pieces back, by folder.</param>
/// <param name="Extremes">How near the held-out music comes to being faulty.</param>
/// <param name="Faults">Held-out excerpts that would count as faulty samples.</param>
public sealed record ReferenceFindings(
    SortedDictionary<string, int> TrainExcerpts,
    SortedDictionary<string, int> HeldOutExcerpts,
    IReadOnlyList<Figure> Figures,
    double DegradedAccuracy,
    SortedDictionary<string, double> DecodedAccuracy,
    Extremes Extremes,
    IReadOnlyList<SampleFault> Faults);

/// <summary>The worst of many excerpts of music.</summary>
/// <param name="SilentShare">Largest share of silence.</param>
/// <param name="ClippedShare">Largest share of samples at full scale.</param>
/// <param name="LongestNoteShare">Largest share of the time in which one note is the strongest.</param>
/// <param name="ClassEntropyBits">Least entropy of the pitch classes.</param>
public sealed record Extremes(double SilentShare, double ClippedShare, double LongestNoteShare, double ClassEntropyBits);

/// <summary>What is wrong with a sample.</summary>
/// <param name="Sample">Its name.</param>
/// <param name="Fault">silence, clipping or drone.</param>
/// <param name="Value">How much of it.</param>
public sealed record SampleFault(string Sample, string Fault, double Value);

/// <summary>A sample and the instrument that is heard in it.</summary>
public sealed record HeardInstrument(string Sample, string? Asked, string Heard);

/// <summary>Something measured of samples, and of the music that they are compared with.</summary>
public sealed record Comparison(double Samples, double Music);

/// <summary>What was measured of a folder of samples.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Figures">What is held to a limit.</param>
/// <param name="Heard">Each sample's instrument.</param>
/// <param name="Distance">Distance to the held-out music: of the samples, and on average of as many training excerpts of the same instruments.</param>
/// <param name="InTuneShare">Mean share of tonal energy within 20 cents of the tempered scale: of the samples and of the held-out music.</param>
/// <param name="TonalShare">Mean share of energy that partials have, likewise.</param>
/// <param name="Faults">Silence, clipping and drones.</param>
public sealed record SampleFindings(
    string Folder,
    IReadOnlyList<Figure> Figures,
    IReadOnlyList<HeardInstrument> Heard,
    Comparison Distance,
    Comparison InTuneShare,
    Comparison TonalShare,
    IReadOnlyList<SampleFault> Faults);

/// <summary>The whole report.</summary>
/// <param name="Reference">The reference music.</param>
/// <param name="Samples">Each folder of samples.</param>
/// <param name="Probes">What vectors tell of the reference, where there are any.</param>
public sealed record Findings(ReferenceFindings Reference, IReadOnlyList<SampleFindings> Samples, IReadOnlyList<ProbeFinding> Probes)
{
    /// <summary>Whether every limit is kept.</summary>
    [JsonIgnore]
    public bool AllMet => Reference.Figures.Concat(Samples.SelectMany(set => set.Figures)).All(figure => figure.Met);

    /// <summary>The report as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, FindingsJson.Default.Findings);
}

/// <summary>Serialisation code made at compile time.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Findings))]
internal sealed partial class FindingsJson : JsonSerializerContext;
