namespace Jukebox.Recordings.Embeddings;

/// <summary>Rows of features over time: (rows, width), one after the other.</summary>
/// <param name="Values">(rows · width) numbers.</param>
/// <param name="Width">Numbers of a row.</param>
/// <param name="RateHz">Rows per second.</param>
public sealed record Frames(float[] Values, int Width, double RateHz)
{
    /// <summary>Rows.</summary>
    public int Count => Values.Length / Width;
}
