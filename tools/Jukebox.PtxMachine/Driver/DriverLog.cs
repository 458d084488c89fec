using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Jukebox.PtxMachine.Driver;

/// <summary>What a call of the driver amounted to.</summary>
public enum DriverAction
{
    /// <summary>Device memory was allocated.</summary>
    Allocate,

    /// <summary>Device memory was freed.</summary>
    Free,

    /// <summary>Page-locked memory was allocated.</summary>
    AllocateHost,

    /// <summary>Bytes went to the device.</summary>
    CopyToDevice,

    /// <summary>Bytes came from the device.</summary>
    CopyToHost,

    /// <summary>Bytes moved on the device.</summary>
    CopyOnDevice,

    /// <summary>Bytes of the device were set.</summary>
    Set,

    /// <summary>A module was loaded.</summary>
    Load,

    /// <summary>A kernel ran.</summary>
    Launch,

    /// <summary>A graph was issued; its nodes follow.</summary>
    LaunchGraph,

    /// <summary>The host waited for the device.</summary>
    Wait,

    /// <summary>A call failed, or a fault came to light.</summary>
    Fail,
}

/// <summary>One line of the log.</summary>
/// <param name="Action">What happened.</param>
/// <param name="Call">The C function, or the kernel that ran.</param>
/// <param name="LengthBytes">Bytes allocated, copied or set.</param>
/// <param name="Report">The launch, with its counts and findings as the mode gives them.</param>
/// <param name="Text">More words.</param>
/// <param name="Seconds">How long a launch took.</param>
public sealed record DriverLogEntry(DriverAction Action, string Call, long LengthBytes = 0, LaunchReport? Report = null, string? Text = null, double Seconds = 0);

/// <summary>Everything that a device was asked for, in order: in memory, in a file, in both or in neither.</summary>
public sealed class DriverLog : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<DriverLogEntry>? _entries;
    private readonly Stream? _file;

    internal DriverLog(bool keep, string? path)
    {
        _entries = keep ? [] : null;
        _file = path is null ? null : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
    }

    /// <summary>The entries so far, when they are kept.</summary>
    public IReadOnlyList<DriverLogEntry> Entries
    {
        get
        {
            lock (_lock)
            {
                return _entries is null ? throw new InvalidOperationException("the log is not kept in memory") : [.. _entries];
            }
        }
    }

    /// <summary>Forgets the entries so far.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _entries?.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    internal void Add(DriverLogEntry entry)
    {
        lock (_lock)
        {
            _entries?.Add(entry);
            if (_file is not null)
            {
                _file.Write(Line(entry));
                _file.Flush();
            }
        }
    }

    private static byte[] Line(DriverLogEntry entry)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("time", Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency);
            json.WriteString("action", entry.Action.ToString());
            json.WriteString("call", entry.Call);
            if (entry.LengthBytes > 0)
            {
                json.WriteNumber("bytes", entry.LengthBytes);
            }

            if (entry.Text is not null)
            {
                json.WriteString("text", entry.Text);
            }

            if (entry.Report is { } report)
            {
                json.WriteString("grid", report.Grid.ToString());
                json.WriteString("block", report.Block.ToString());
                json.WriteNumber("dynamicSharedBytes", report.DynamicSharedBytes);
                json.WriteNumber("seconds", entry.Seconds);
                WriteCounts(json, report.Counts);
                WriteFindings(json, report.Findings);
            }

            json.WriteEndObject();
        }

        bytes.Write(Encoding.UTF8.GetBytes("\n"));
        return bytes.ToArray();
    }

    private static void WriteCounts(Utf8JsonWriter json, LaunchCounts? counts)
    {
        if (counts is null)
        {
            return;
        }

        json.WriteNumber("warpInstructions", counts.WarpInstructions);
        json.WriteNumber("flops", counts.Flops);
        json.WriteNumber("matrixFlops", counts.MatrixFlops);
        json.WriteNumber("globalBytes", counts.GlobalLoads.Bytes + counts.GlobalStores.Bytes);
        json.WriteNumber("globalSectors", counts.GlobalLoads.Sectors + counts.GlobalStores.Sectors);
        json.WriteNumber("idealGlobalSectors", counts.GlobalLoads.IdealSectors + counts.GlobalStores.IdealSectors);
        json.WriteNumber("distinctGlobalBytes", counts.DistinctGlobalBytes);
        json.WriteNumber("sharedWavefronts", counts.SharedLoads.Wavefronts + counts.SharedStores.Wavefronts);
        json.WriteNumber("idealSharedWavefronts", counts.SharedLoads.IdealWavefronts + counts.SharedStores.IdealWavefronts);
        json.WriteNumber("branches", counts.Branches);
        json.WriteNumber("divergentBranches", counts.DivergentBranches);
    }

    private static void WriteFindings(Utf8JsonWriter json, IReadOnlyList<Finding> findings)
    {
        if (findings.Count > 0)
        {
            json.WriteStartArray("findings");
            foreach (Finding finding in findings)
            {
                json.WriteStringValue(finding.ToString());
            }

            json.WriteEndArray();
        }
    }
}
