using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion;

/// <summary>
/// A few bytes can stand for any number of weights: a stride of zero repeats them, and tensors can share them. What a
/// file does not hold is written out only where the user wants it.
/// </summary>
internal static class ExpansionCheck
{
    private const string Remedy = "check where the file comes from, or allow it with --allow-expansion";

    /// <summary>Refuses tensors that are larger than what the file holds of them, alone or together.</summary>
    /// <exception cref="DamagedFileException">There are some; the message has both sizes.</exception>
    public static void Require(IReadOnlyList<MatchedTensor> tensors)
    {
        if (tensors.FirstOrDefault(tensor => tensor.Source.IsExpanded)?.Source is { } expanded)
        {
            throw new DamagedFileException(
                expanded.File.Path, expanded.OffsetBytes,
                $"tensor '{Text.Quote(expanded.Name)}' {expanded.ShapeText} is {Text.Bytes(LengthBytes(expanded))} large, of which the file holds "
                + $"{Text.Bytes(expanded.SpanElements * expanded.ElementBytes)}: it repeats them",
                Remedy);
        }

        foreach (IGrouping<SourceFile, SourceTensor> group in tensors.Select(tensor => tensor.Source).GroupBy(source => source.File))
        {
            Int128 totalBytes = group.Aggregate((Int128)0, (sum, source) => sum + LengthBytes(source));
            if (totalBytes > group.Key.LengthBytes)
            {
                throw new DamagedFileException(
                    group.Key.Path,
                    -1,
                    $"its tensors are {Text.Bytes((long)Int128.Min(totalBytes, long.MaxValue))} large together, the file {Text.Bytes(group.Key.LengthBytes)}: "
                    + "they share their data",
                    Remedy);
            }
        }
    }

    private static long LengthBytes(SourceTensor source) => source.LengthElements * source.ElementBytes;
}
