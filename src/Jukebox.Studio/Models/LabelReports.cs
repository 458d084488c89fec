using Jukebox.Models.Format;
using Jukebox.Models.Labels;

namespace Jukebox.Studio.Models;

/// <summary>A name found in a label table, and the levels of the model that read that table.</summary>
/// <param name="Kind">"artist" or "genre".</param>
/// <param name="Generation">Generation of the table.</param>
/// <param name="Id">Its number there.</param>
/// <param name="Name">The name, as the table spells it.</param>
/// <param name="Score">How well it fits what was searched for; the best come first.</param>
/// <param name="Reachable">Whether writing the name leads to this row.</param>
/// <param name="Levels">The levels, the coarsest first.</param>
public sealed record LabelHit(string Kind, int Generation, int Id, string Name, double Score, bool Reachable, int[] Levels);

/// <summary>What an artist and a genre become at one level.</summary>
/// <param name="Level">Level, 0 being the finest.</param>
/// <param name="Generation">Generation of the tables that it reads.</param>
/// <param name="ArtistId">Row of the artist; 0 is "unknown".</param>
/// <param name="ArtistName">Its name there.</param>
/// <param name="GenreIds">Rows of the genre's words, or of the genre.</param>
/// <param name="GenreNames">Their names there.</param>
/// <param name="Warnings">A sentence for each name that the level does not know.</param>
public sealed record LabelOutcome(int Level, int Generation, int ArtistId, string ArtistName, int[] GenreIds, string[] GenreNames, string[] Warnings);

/// <summary>One label table of a model folder.</summary>
/// <param name="File">Its name below the folder.</param>
/// <param name="Names">Names in it; 0 where it is missing.</param>
/// <param name="Levels">The levels that read it, the coarsest first.</param>
public sealed record LabelTableReport(string File, int Names, int[] Levels);

/// <summary>What <c>labels</c> tells.</summary>
public sealed record LabelReport
{
    /// <summary>The tables that the model's levels read.</summary>
    public required LabelTableReport[] Tables { get; init; }

    /// <summary>Names that fit the query, best first.</summary>
    public required LabelHit[] Hits { get; init; }

    /// <summary>By level, the coarsest first: what the names that were given become.</summary>
    public required LabelOutcome[] Levels { get; init; }

    /// <summary>Searches and resolves.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tables">Its tables.</param>
    /// <param name="query">Part of a name, or nothing.</param>
    /// <param name="limit">Most names of a kind.</param>
    /// <param name="artist">An artist to resolve, or nothing.</param>
    /// <param name="genre">A genre to resolve, or nothing.</param>
    public static LabelReport Of(ModelDescription model, LabelTables tables, string? query, int limit, string? artist, string? genre)
    {
        PriorSpec[] labelled = [.. model.Priors.Where(prior => prior.Labels is not null).OrderByDescending(prior => prior.Level)];
        int[] LevelsOf(int generation) => [.. labelled.Where(prior => prior.Labels!.Generation == generation).Select(prior => prior.Level)];
        LabelKind[] kinds = [LabelKind.Artist, LabelKind.Genre];
        return new LabelReport
        {
            Tables = [.. labelled.Select(prior => prior.Labels!.Generation).Distinct().SelectMany(generation => kinds.Select(kind => new LabelTableReport(
                ModelDescription.LabelFileName(generation, kind.Singular()), tables.Find(generation, kind)?.Count ?? 0, LevelsOf(generation))))],
            Hits = query is null ? [] : [.. kinds.SelectMany(kind => LabelSearch.Find(tables, kind, query, limit)).Select(match => new LabelHit(
                match.Kind.Singular(), match.Generation, match.Id, match.Name, match.Score, match.Reachable, LevelsOf(match.Generation)))],
            Levels = artist is null && genre is null ? [] : [.. labelled.Select(prior => Resolve(tables, prior, artist ?? "", genre ?? ""))],
        };
    }

    private static LabelOutcome Resolve(LabelTables tables, PriorSpec prior, string artist, string genre)
    {
        ResolvedLabels resolved = tables.Resolve(prior, artist, genre);
        return new LabelOutcome(
            prior.Level,
            resolved.Generation,
            resolved.ArtistId,
            resolved.ArtistName,
            resolved.GenreIds,
            resolved.GenreNames,
            [.. resolved.Warnings.Select(warning => warning.Message)]);
    }
}
