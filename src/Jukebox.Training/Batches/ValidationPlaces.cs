using Jukebox.Recordings.Windows;

namespace Jukebox.Training.Batches;

/// <summary>
/// Which windows of a range are measured on: the same at every time, spread evenly over it, unshifted. They come in whole
/// batches, so that the mean over batches is that over windows; only where there are fewer windows than one batch has, in one
/// smaller batch.
/// </summary>
internal static class ValidationPlaces
{
    /// <summary>At most <paramref name="count"/> windows of the range.</summary>
    public static IEnumerable<WindowPlace[]> Of(WindowRange range, int count, int batchSize)
    {
        long taken = Math.Min(count, range.Count);
        taken = taken > batchSize ? taken / batchSize * batchSize : taken;
        return Enumerable.Range(0, (int)taken).Select(i => range.Locate(i * range.Count / taken, 0)).Chunk(batchSize);
    }
}
