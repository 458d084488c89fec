using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;

namespace Jukebox.Studio.Devices;

/// <summary>What this machine has to spare, asked before a run starts.</summary>
/// <param name="AvailableMemoryBytes">Memory that a process may take without swapping.</param>
/// <param name="FreeDiskBytes">Free bytes on the disk of a folder that may not exist yet.</param>
public sealed record MachineResources(Func<long> AvailableMemoryBytes, Func<string, long> FreeDiskBytes)
{
    private const string MemoryInfoPath = "/proc/meminfo";

    /// <summary>The machine at hand.</summary>
    public static MachineResources Real { get; } = new(AvailableMemory, FreeDisk);

    /// <summary>The same with the memory of a device that has its own.</summary>
    public MachineResources Of(IBackend backend) => backend.Memory is null ? this : this with { AvailableMemoryBytes = () => backend.Memory!.Value.FreeBytes };

    /// <summary>The system's estimate where it gives one, but no more than the container may have.</summary>
    private static long AvailableMemory()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        long allowed = info.TotalAvailableMemoryBytes - Environment.WorkingSet;
        if (!File.Exists(MemoryInfoPath))
        {
            return allowed;
        }

        const string field = "MemAvailable:";
        string? line = File.ReadLines(MemoryInfoPath).FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal));
        return line is not null && long.TryParse(
            line[field.Length..].Replace("kB", "", StringComparison.Ordinal), NumberStyles.Integer, CultureInfo.InvariantCulture, out long kibibytes)
            ? Math.Min(allowed, kibibytes * 1024)
            : allowed;
    }

    private static long FreeDisk(string folder)
    {
        DirectoryInfo? existing = new(Path.GetFullPath(folder));
        while (existing is { Exists: false })
        {
            existing = existing.Parent;
        }

        return existing is null ? long.MaxValue : DiskSpace.FreeBytes(existing.FullName);
    }
}
