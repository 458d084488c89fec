namespace Jukebox.Cuda.Kernels;

/// <summary>
/// Every kernel: one row each, in a partial file per source (<c>KernelTable.LayerNorm.cs</c>). Rows add themselves, so
/// that a test over <see cref="Entries"/> misses none.
/// </summary>
public static partial class KernelTable
{
    // No initialisers: rows of other partial files may be added before this file's would run.
    private static List<KernelEntry>? _added;
    private static IReadOnlyList<KernelEntry>? _entries;

    /// <summary>Every row, by file and name.</summary>
    public static IReadOnlyList<KernelEntry> Entries => _entries ??=
        [.. _added!.OrderBy(entry => entry.File, StringComparer.Ordinal).ThenBy(entry => entry.Name, StringComparer.Ordinal)];

    private static KernelEntry Add(KernelEntry entry)
    {
        (_added ??= []).Add(entry);
        return entry;
    }
}
