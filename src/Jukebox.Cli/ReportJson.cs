using System.Text.Json.Serialization;
using Jukebox.Recordings.Evaluation;
using Jukebox.Studio.Bench;
using Jukebox.Studio.Embeddings;
using Jukebox.Studio.Models;
using Jukebox.Studio.Songs;
using Jukebox.Studio.Verification;

namespace Jukebox.Cli;

/// <summary>Serialisation code made at compile time, so that the trimmed executable has it.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, NewLine = "\n", PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ModelReport))]
[JsonSerializable(typeof(LabelReport))]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(EmbeddingReport))]
[JsonSerializable(typeof(Requirements))]
[JsonSerializable(typeof(LevelScore[]))]
[JsonSerializable(typeof(EvaluationReport))]
[JsonSerializable(typeof(VerifyReport))]
[JsonSerializable(typeof(EmbedReport))]
[JsonSerializable(typeof(EmbedPlan))]
[JsonSerializable(typeof(EmbedCheckup))]
internal sealed partial class ReportJson : JsonSerializerContext;
