namespace Jukebox.MusicReport.Audio;

/// <summary>A sample to be judged.</summary>
/// <param name="Name">Its path within the samples' folder.</param>
/// <param name="Instrument">What was asked for, or none.</param>
/// <param name="Path">Its audio.</param>
internal sealed record SampleFile(string Name, string? Instrument, string Path);

/// <summary>Finds samples and what was asked of them.</summary>
internal static class SampleFiles
{
    /// <summary>
    /// The audio files below a folder, by name. Of a song folder only the finest level counts: folders level_1, level_2, … are
    /// passed over. The instrument is that of the table, else the nearest folder named like one.
    /// </summary>
    /// <param name="folder">The samples.</param>
    /// <param name="instruments">The classes.</param>
    /// <param name="table">Table with the columns file (a path within the folder) and genre, or none.</param>
    /// <exception cref="ReportException">There are none, or the table names an instrument that is no class.</exception>
    public static IReadOnlyList<SampleFile> Find(string folder, IReadOnlyCollection<string> instruments, TabSeparatedTable? table)
    {
        if (!Directory.Exists(folder))
        {
            throw new ReportException($"There is no folder '{folder}'.");
        }

        Dictionary<string, string> labels = table?.Rows.ToDictionary(row => row["file"].Replace('\\', '/'), row => row["genre"]) ?? [];
        if (labels.Values.FirstOrDefault(label => !instruments.Contains(label)) is { } unknown)
        {
            throw new ReportException(
                $"'{table!.Path}' asks for '{unknown}', but the reference has only {string.Join(", ", instruments.Order(StringComparer.Ordinal))}.");
        }

        SampleFile[] samples = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(ReferenceMusic.IsAudio)
            .Select(path => (Path: path, Name: Path.GetRelativePath(folder, path).Replace('\\', '/')))
            .Where(file => !file.Name.Split('/').Any(IsCoarseLevel))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .Select(file => new SampleFile(file.Name, labels.GetValueOrDefault(file.Name) ?? FolderLabel(file.Name, instruments), file.Path))];
        return samples.Length > 0 ? samples : throw new ReportException($"There is no audio below '{folder}'.");
    }

    private static bool IsCoarseLevel(string folder) => folder.StartsWith("level_", StringComparison.Ordinal) && folder != "level_0";

    private static string? FolderLabel(string name, IReadOnlyCollection<string> instruments) =>
        name.Split('/').SkipLast(1).LastOrDefault(instruments.Contains);
}
