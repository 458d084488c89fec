namespace Jukebox.Tests.Cost;

/// <summary>
/// A card as what bounds a product of matrices: for each of its multiprocessors in a cycle, dense operations of f16 with f32 sums (from the data sheet), and
/// bytes of the second-level cache (no data sheet has them; about 5 TB/s and 5.5 TB/s are reported of the two cards).
/// </summary>
/// <param name="Name">NVIDIA's name.</param>
/// <param name="OperationsPerCycle">Multiplications and additions.</param>
/// <param name="CacheBytesPerCycle">Read from the second-level cache.</param>
public sealed record MatrixCardModel(string Name, double OperationsPerCycle, double CacheBytesPerCycle)
{
    /// <summary>Ada, GDDR6X.</summary>
    public static MatrixCardModel Rtx4090 { get; } = new("RTX 4090", 165.2e12 / 128 / 2.52e9, 5e12 / 128 / 2.52e9);

    /// <summary>Hopper; its dense rate is that of <c>wgmma</c>, which the kernels do not use.</summary>
    public static MatrixCardModel H100 { get; } = new("H100 SXM", 989.4e12 / 132 / 1.83e9, 5.5e12 / 132 / 1.83e9);

    /// <summary>The cards that the bound is printed for.</summary>
    public static IReadOnlyList<MatrixCardModel> All { get; } = [Rtx4090, H100];
}
