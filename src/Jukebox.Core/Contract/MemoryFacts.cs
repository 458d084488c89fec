namespace Jukebox.Core.Contract;

/// <summary>Memory that a device has for itself, as it was when it was asked for.</summary>
/// <param name="TotalBytes">All of it.</param>
/// <param name="FreeBytes">What nobody has taken yet.</param>
public readonly record struct MemoryFacts(long TotalBytes, long FreeBytes);
