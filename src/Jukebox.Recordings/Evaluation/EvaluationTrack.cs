using Jukebox.Models.Labels;

namespace Jukebox.Recordings.Evaluation;

/// <summary>A recording that a model is to be measured on.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Label">Artist, genre and lyrics; empty where unknown.</param>
public sealed record EvaluationTrack(string Path, SongLabel Label);
