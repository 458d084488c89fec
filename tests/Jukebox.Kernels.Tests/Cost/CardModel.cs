namespace Jukebox.Tests.Cost;

/// <summary>
/// A card as two numbers. Times that come from it are a model and no measurement: counted bytes over the whole of the data
/// sheet's bandwidth, and a fixed pause between dependent kernels of a graph.
/// </summary>
/// <param name="Name">NVIDIA's name.</param>
/// <param name="BandwidthBytesPerSecond">Of its memory, from the data sheet.</param>
public sealed record CardModel(string Name, double BandwidthBytesPerSecond)
{
    /// <summary>From the end of a kernel to the start of the next in a graph; 1 to 2 µs are reported for these cards.</summary>
    public const double SecondsBetweenKernels = 1.5e-6;

    /// <summary>The cards that the table is made for.</summary>
    public static IReadOnlyList<CardModel> All { get; } =
        [new("H100 SXM", 3.35e12), new("RTX 4090", 1.008e12), new("RTX 3090", 0.936e12), new("T4", 0.32e12)];

    /// <summary>Modelled seconds of launches one after the other.</summary>
    public double Seconds(LaunchCost cost) => (cost.Bytes / BandwidthBytesPerSecond) + (cost.Launches * SecondsBetweenKernels);
}
