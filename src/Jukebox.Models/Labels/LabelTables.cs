using Jukebox.Core.Errors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;

namespace Jukebox.Models.Labels;

/// <summary>A label that cannot be had at all, with what to do instead.</summary>
public sealed class LabelException(string message) : JukeboxException(message);

/// <summary>A name that a prior does not know: it is heard as "unknown", id 0.</summary>
/// <param name="Kind">Artist or genre.</param>
/// <param name="Level">Level of the prior.</param>
/// <param name="Generation">Label generation of the prior.</param>
/// <param name="Given">The artist or genre as it was given.</param>
/// <param name="Unknown">What of it was looked up in vain: the spelling, or one word of a genre.</param>
/// <param name="TableMissing">Whether the model folder has no such table at all.</param>
/// <param name="Near">Names of the same table that may have been meant, best first.</param>
public sealed record LabelWarning(
    LabelKind Kind, int Level, int Generation, string Given, string Unknown, bool TableMissing, IReadOnlyList<string> Near)
{
    /// <summary>One sentence for a person.</summary>
    public string Message => TableMissing
        ? $"Level {Level}: the model folder has no {ModelDescription.LabelFileName(Generation, Kind.Singular())}, so the {Kind.Singular()} '{Given}' counts "
            + "as unknown (id 0)."
        : $"Level {Level}: the v{Generation} {Kind.Plural()} have no '{Unknown}'{(Unknown == Given ? "" : $" (of '{Given}')")}, so it counts as unknown (id 0); {Hint}.";

    private string Hint => Near.Count == 0
        ? "'jukebox-native labels' searches them"
        : $"like it are {string.Join(", ", Near.Select(name => $"'{name}'"))}";

    /// <inheritdoc/>
    public override string ToString() => Message;
}

/// <summary>What an artist and a genre are to one prior.</summary>
/// <param name="Level">Level of the prior.</param>
/// <param name="Generation">Label generation of the prior.</param>
/// <param name="ArtistId">Row of the artist embedding.</param>
/// <param name="ArtistName">The table's names of that row, joined by "_"; "unknown" where there are none.</param>
/// <param name="GenreIds">Rows of the genre embedding, without padding.</param>
/// <param name="GenreNames">The table's name of each.</param>
/// <param name="Warnings">What was not found.</param>
public sealed record ResolvedLabels(
    int Level, int Generation, int ArtistId, string ArtistName, int[] GenreIds, string[] GenreNames, LabelWarning[] Warnings);

/// <summary>
/// The label tables of a model folder. Any of the four files may be absent: every name of its kind is then unknown.
/// </summary>
public sealed class LabelTables
{
    private const int NearCount = 3;

    private readonly Dictionary<(int Generation, LabelKind Kind), LabelTable> _tables = [];

    private LabelTables(string folder)
    {
        Folder = folder;
    }

    /// <summary>The model folder.</summary>
    public string Folder { get; }

    /// <summary>The tables that are there.</summary>
    public IEnumerable<LabelTable> All => _tables.OrderBy(entry => entry.Key).Select(entry => entry.Value);

    /// <summary>Opens the tables of a model folder (its <c>labels/</c>), those that it has.</summary>
    /// <exception cref="DamagedFileException">A file is not an id file.</exception>
    public static LabelTables Open(string modelFolder)
    {
        var tables = new LabelTables(modelFolder);
        foreach (int generation in (ReadOnlySpan<int>)[2, 3])
        {
            foreach (LabelKind kind in (ReadOnlySpan<LabelKind>)[LabelKind.Artist, LabelKind.Genre])
            {
                string path = Path.Combine(modelFolder, ModelDescription.LabelFileName(generation, kind.Singular()));
                if (File.Exists(path))
                {
                    tables._tables.Add((generation, kind), LabelTable.Read(path, generation, kind));
                }
            }
        }

        return tables;
    }

    /// <summary>The table of a generation and kind, or none.</summary>
    public LabelTable? Find(int generation, LabelKind kind) => _tables.GetValueOrDefault((generation, kind));

    /// <summary>What an artist and a genre become for a labelled prior.</summary>
    /// <exception cref="LabelException">The genre has more words than the prior takes.</exception>
    /// <exception cref="DamagedFileException">A table has more ids than the prior has rows.</exception>
    public ResolvedLabels Resolve(PriorSpec prior, string artist, string genre)
    {
        LabelSpec labels = prior.Labels ?? throw new ArgumentException($"the prior of level {prior.Level} has no labels", nameof(prior));
        var warnings = new List<LabelWarning>();
        string name = Spelt(
            labels.Generation, LabelKind.Artist, LabelNames.Normalise(labels.Generation, artist),
            LabelNames.Normalise(labels.Generation, ComposedText.Tidy(artist)));
        int artistId = LookUp(prior, LabelKind.Artist, artist, name, warnings);

        string[] parts = LabelNames.GenreParts(labels.Generation, genre), tidy = LabelNames.GenreParts(labels.Generation, ComposedText.Tidy(genre));
        parts = tidy.Length == parts.Length ? [.. parts.Zip(tidy, (part, composed) => Spelt(labels.Generation, LabelKind.Genre, part, composed))]
            : parts.All(part => IsKnown(labels.Generation, LabelKind.Genre, part)) ? parts : tidy;
        if (parts.Length > labels.MaxGenres)
        {
            throw new LabelException(
                $"Level {prior.Level}: the genre '{genre}' has {parts.Length} words, but the model takes at most {labels.MaxGenres}; leave some out.");
        }

        int[] genreIds = [.. parts.Select(part => LookUp(prior, LabelKind.Genre, genre, part, warnings))];
        return new ResolvedLabels(
            prior.Level,
            labels.Generation,
            artistId,
            NameOf(labels.Generation, LabelKind.Artist, artistId),
            genreIds,
            [.. genreIds.Select(id => NameOf(labels.Generation, LabelKind.Genre, id))],
            [.. warnings]);
    }

    /// <summary>A name as it was given, or composed and tidied where only that is known.</summary>
    private string Spelt(int generation, LabelKind kind, string given, string tidy) =>
        given == tidy || IsKnown(generation, kind, given) || !IsKnown(generation, kind, tidy) ? given : tidy;

    private bool IsKnown(int generation, LabelKind kind, string name) => Find(generation, kind)?.TryFindTidy(name, out _) ?? false;

    private int LookUp(PriorSpec prior, LabelKind kind, string given, string name, List<LabelWarning> warnings)
    {
        LabelSpec labels = prior.Labels!;
        LabelTable? table = Find(labels.Generation, kind);
        table?.CheckRows(kind == LabelKind.Artist ? labels.ArtistCount : labels.GenreCount);
        if (table is not null && table.TryFindTidy(name, out int id))
        {
            return id;
        }

        // Asking for nothing, or for "unknown", is not a mistake.
        if (name.Length > 0 && name != "unknown")
        {
            LabelMatch[] near = LabelSearch.Find(this, kind, kind == LabelKind.Artist ? given : name, NearCount, labels.Generation);
            warnings.Add(new LabelWarning(
                kind, prior.Level, labels.Generation, given, name, table is null, [.. near.Where(match => match.Reachable).Select(match => match.Name)]));
        }

        return 0;
    }

    private string NameOf(int generation, LabelKind kind, int id)
    {
        string[] names = id == 0 ? [] : Find(generation, kind)?.NamesOf(id) ?? [];
        return names.Length == 0 ? "unknown" : string.Join('_', names);
    }
}
