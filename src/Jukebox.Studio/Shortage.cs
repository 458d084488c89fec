using Jukebox.Core.Text;

namespace Jukebox.Studio;

/// <summary>What is said, in one form everywhere, where a machine has less than a task takes.</summary>
internal static class Shortage
{
    /// <summary>Of memory.</summary>
    /// <param name="needs">Who needs it, with the verb: "level 2 needs".</param>
    /// <param name="neededBytes">What is needed.</param>
    /// <param name="availableBytes">What there is.</param>
    /// <param name="mend">What a person can do, without a full stop.</param>
    public static StudioException OfMemory(string needs, long neededBytes, long availableBytes, string mend) =>
        new($"Not enough memory: {needs} {Readable.Bytes(neededBytes)} and {Readable.Bytes(availableBytes)} are available; {mend}.");

    /// <summary>Of disk space.</summary>
    /// <param name="needs">Who needs it, with the verb: "the song needs".</param>
    /// <param name="neededBytes">What is needed.</param>
    /// <param name="freeBytes">What there is.</param>
    /// <param name="folder">Where, unless that was said.</param>
    /// <param name="mend">What a person can do, without a full stop.</param>
    public static StudioException OfDisk(string needs, long neededBytes, long freeBytes, string? folder, string mend) =>
        new($"Not enough disk space: {needs} {Readable.Bytes(neededBytes)} and {Readable.Bytes(freeBytes)} are free{(folder is null ? "" : $" at '{folder}'")}; {mend}.");
}
