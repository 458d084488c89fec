namespace Jukebox.Core.Contract;

/// <summary>What a device can do at most: what measured figures are compared with.</summary>
/// <param name="ReadBytesPerSecond">Reading memory far larger than any cache.</param>
/// <param name="FlopsPerSecond">Multiply-adds, two operations each, of the kind that the matrices' storage allows.</param>
public sealed record MachineLimits(double ReadBytesPerSecond, double FlopsPerSecond);
