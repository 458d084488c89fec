using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Request;

namespace Jukebox.Studio.Songs;

/// <summary>What a model makes of a song's names and lyrics, said before it is made.</summary>
internal static class SongLabels
{
    /// <summary>
    /// A name that the coarsest level does not know is a mistake, as that level decides what a song is like; finer levels
    /// have older and shorter tables, so there it is only said. Without tables there is nothing to check.
    /// </summary>
    /// <exception cref="StudioException">The coarsest level does not know a name.</exception>
    public static void Check(ModelFolder model, SongDescription song, bool allowUnknown, Action<string> note)
    {
        var tables = LabelTables.Open(model.Path);
        int top = model.Description.VqVae.Levels - 1;
        var warnings = song.Request.Labels!.Distinct()
            .SelectMany(label => song.Request.SampleLevels!.Where(level => model.PriorOf(level).Labels is not null)
                .SelectMany(level => tables.Resolve(model.PriorOf(level), label.Artist, label.Genre).Warnings))
            .DistinctBy(warning => warning.Message);
        foreach (LabelWarning warning in warnings)
        {
            if (warning.Level == top && !warning.TableMissing && !allowUnknown)
            {
                string[] near = [.. LabelSearch.Find(tables, warning.Kind, warning.Given, 3, warning.Generation).Select(match => $"'{match.Name}'")];
                string mend = near.Length > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"'jukebox-native labels' lists what there is.";
                throw new StudioException(
                    $"The v{warning.Generation} {warning.Kind.Plural()} of level {top} have no '{warning.Unknown}': {mend} With --allow-unknown it counts as unknown.");
            }

            note(warning.Message);
        }
    }

    /// <summary>Says what the vocabulary of the lyrics makes of characters that it lacks, and of backslashes.</summary>
    public static void NoteLyrics(ModelFolder model, SongDescription song, Action<string> note)
    {
        foreach (PriorSpec prior in model.Description.Priors.Where(prior => prior.Lyrics != LyricsMode.None && song.Request.SampleLevels!.Contains(prior.Level)))
        {
            foreach (string lyrics in song.Request.Labels!.Select(label => label.Lyrics).Distinct())
            {
                IReadOnlyList<LyricsChange> changes = LyricsText.Clean(lyrics, prior.Labels!.Generation).Changes;
                if (changes.Count > 0)
                {
                    note($"Level {prior.Level} cannot spell all of the lyrics: {string.Join(", ", changes.Select(Said))}.");
                }
            }
        }
    }

    private static string Said(LyricsChange change) => change.Original == "\\" ? "'\\' is a new line, so '\\n' sings an n; --lyrics-file takes real ones"
        : change.Became.Length == 0 ? $"'{change.Original}' is dropped"
        : $"'{change.Original}' becomes '{change.Became}'";
}
