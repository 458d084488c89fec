using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Jukebox.Core.Files;
using Jukebox.Recordings.VectorFiles;

namespace Jukebox.Studio.Embeddings;

/// <summary>What lies in a folder of results, all parts of it together.</summary>
public sealed partial record EmbedCheckup
{
    /// <summary>Name of the manifests' lines joined.</summary>
    public const string MergedFileName = "merged.jsonl";

    /// <summary>Parts that are named where they are missing; a list of thousands helps nobody.</summary>
    private const int MostNamed = 20;

    /// <summary>Inputs with vectors.</summary>
    public required int Done { get; init; }

    /// <summary>Inputs that were left out.</summary>
    public required int Skipped { get; init; }

    /// <summary>Inputs that failed.</summary>
    public required int Failed { get; init; }

    /// <summary>What is missing or wrong, a sentence each.</summary>
    public required string[] Problems { get; init; }

    /// <summary>The last line of each input, in the order of the names.</summary>
    [JsonIgnore]
    public EmbeddingRecord[] Records { get; init; } = [];

    /// <summary>Reads the manifests of a folder, and every file that they name: length and SHA-256.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="progress">Told how many of how many inputs have been looked at.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="StudioException">There is no manifest in it.</exception>
    public static EmbedCheckup Of(string folder, Action<int, int> progress, CancellationToken cancellation)
    {
        string[] manifests = Directory.Exists(folder) ? EmbeddingManifest.In(folder) : [];
        if (manifests.Length == 0)
        {
            throw new StudioException($"'{folder}' holds no embed.jsonl, so no results of 'embed' lie there.");
        }

        var problems = new List<string>(Missing(folder, manifests));
        var lines = manifests.ToDictionary(path => path, EmbeddingManifest.Read);
        problems.AddRange(Unfinished(lines));
        EmbeddingRecord[] records = [.. lines.Values.SelectMany(read => read.Values).OrderBy(record => record.Name, StringComparer.Ordinal)];
        problems.AddRange(records.GroupBy(record => record.Name).Where(group => group.Count() > 1)
            .Select(group => $"{group.Key} stands in {group.Count()} manifests: its parts overlap."));
        if (records.Select(record => record.Settings).Distinct().Count() > 1)
        {
            problems.Add("The parts were made with different settings, models or storage.");
        }

        int looked = 0;
        foreach (EmbeddingRecord record in records)
        {
            cancellation.ThrowIfCancellationRequested();
            problems.AddRange(record.Outputs.Select(output => output.ProblemIn(folder)).OfType<string>());
            if (record.State == EmbeddingState.Failed)
            {
                problems.Add($"{record.Name} failed: {record.Sentence}");
            }

            progress(++looked, records.Length);
        }

        return new EmbedCheckup
        {
            Done = records.Count(record => record.State == EmbeddingState.Done),
            Skipped = records.Count(record => record.State == EmbeddingState.Skipped),
            Failed = records.Count(record => record.State == EmbeddingState.Failed),
            Problems = [.. problems],
            Records = records,
        };
    }

    /// <summary>Writes the lines of all parts into one file, in the order of the names.</summary>
    public string Merge(string folder)
    {
        string path = Path.Combine(folder, MergedFileName);
        DurableFile.WriteAtomically(path, stream =>
        {
            foreach (EmbeddingRecord record in Records)
            {
                stream.Write(EmbeddingManifest.LineOf(record));
            }
        });
        return path;
    }

    /// <summary>The part that has a manifest of that name.</summary>
    internal static EmbedShard PartOf(string manifest) => PartName().Match(manifest) is { Success: true } match
        ? new EmbedShard(int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture))
        : EmbedShard.Whole;

    /// <summary>Parts of which there is no manifest.</summary>
    private static IEnumerable<string> Missing(string folder, string[] manifests)
    {
        int[] counts = [.. manifests.Select(path => PartOf(path).Count).Distinct()];
        if (counts.Length > 1)
        {
            yield return $"The manifests are of {string.Join(" and of ", counts)} parts.";
            yield break;
        }

        HashSet<string> there = [.. manifests];
        int missing = 0;
        for (int index = 1; index <= counts[0]; index++)
        {
            string path = EmbeddingManifest.PathOf(folder, index, counts[0]);
            if (!there.Contains(path) && ++missing <= MostNamed)
            {
                yield return $"{path}: the manifest of this part is missing; it was not computed, and --shard {index}/{counts[0]} does that.";
            }
        }

        if (missing > MostNamed)
        {
            yield return $"{missing - MostNamed} more of the {counts[0]} parts have no manifest.";
        }
    }

    /// <summary>Parts that ended early and were not begun again, and parts that do not belong together.</summary>
    private static IEnumerable<string> Unfinished(Dictionary<string, Dictionary<string, EmbeddingRecord>> manifests)
    {
        var lists = new HashSet<(int Inputs, string Sha256)>();
        foreach ((string path, Dictionary<string, EmbeddingRecord> records) in manifests)
        {
            EmbedShard part = PartOf(path);
            string remedy = part.Count == 1 ? "the same command goes on with it" : $"--shard {part.Index}/{part.Count} goes on with it";
            if (EmbedPartList.Read(path) is not { } list)
            {
                yield return $"{path}: {EmbedPartList.NameOf(path)} is not beside it, so nobody can tell whether it is complete; {remedy}.";
                continue;
            }

            lists.Add((list.Inputs, list.Sha256));
            string[] missing = [.. list.Names.Where(name => !records.ContainsKey(name))];
            if (missing.Length > 0)
            {
                yield return $"{path}: {missing.Length} of {list.Names.Length} inputs {(missing.Length == 1 ? "is" : "are")} not computed, "
                    + $"{missing[0]} the first; {remedy}.";
            }
        }

        if (lists.Count > 1)
        {
            yield return "The parts are of different lists of inputs, so one may lie in two or in none; give every part again over the same recordings.";
        }
    }

    [GeneratedRegex(@"\.(\d{1,7})-of-(\d{1,7})\.jsonl$")]
    private static partial Regex PartName();
}
