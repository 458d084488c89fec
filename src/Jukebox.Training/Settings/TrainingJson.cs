using System.Text.Json;
using System.Text.Json.Serialization;
using Jukebox.Recordings.Folders;

namespace Jukebox.Training.Settings;

/// <summary>Serialisation code made at compile time, so that trimmed builds have it. An unknown key is an error.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.Never, // a whole file replaces what a preset has by nothing too
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(TrainingSettings))]
[JsonSerializable(typeof(RunDescription))]
[JsonSerializable(typeof(Track[]))]
internal sealed partial class TrainingJson : JsonSerializerContext;
