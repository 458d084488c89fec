using Jukebox.Core;

namespace Jukebox.Tests;

/// <summary>
/// The one table of tolerances, relative to max(1, |expected|): the unit of float32 rounding times what the
/// operation accumulates. References compute with the stored (already rounded) weights, so the storage type of the
/// weights adds nothing.
/// </summary>
public static class Tolerances
{
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Two sums of C terms and a square root; inputs up to 8.</summary>
    public static double LayerNorm(int width) => Unit * 8 * Math.Sqrt(width + 16.0);

    /// <summary>A chain of K products of magnitude up to 8 · 8, errors growing like √K.</summary>
    public static double Sum(int length) => Unit * 64 * Math.Sqrt(length + 16.0);

    /// <summary>One rounding to the destination's type.</summary>
    public static double Store(ElementType type) => type switch
    {
        ElementType.F16 => 1.0 / (1 << 11),
        ElementType.BF16 => 1.0 / (1 << 8),
        _ => Unit,
    };
}
