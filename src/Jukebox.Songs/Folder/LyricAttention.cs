namespace Jukebox.Songs.Folder;

/// <summary>
/// Attention of tokens on lyric characters: <paramref name="Weights"/> is (tokens, Text.Length). Column j belongs to the
/// character before j, because the lyrics' inputs are shifted by one.
/// </summary>
public sealed record LyricAttention(string Text, float[,] Weights);
