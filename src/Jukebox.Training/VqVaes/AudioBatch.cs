namespace Jukebox.Training.VqVaes;

/// <summary>Windows of mono audio in [−1, 1].</summary>
/// <param name="Samples">(N, T), row by row.</param>
/// <param name="Count">N.</param>
public sealed record AudioBatch(float[] Samples, int Count)
{
    /// <summary>Samples of a window.</summary>
    public int Length => Samples.Length / Count;
}
