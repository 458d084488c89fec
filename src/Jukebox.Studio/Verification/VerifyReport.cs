using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Training.Runs;

namespace Jukebox.Studio.Verification;

/// <summary>What <c>verify</c> tells of a model, a song or a run.</summary>
public sealed record VerifyReport
{
    /// <summary>The folder.</summary>
    public required string Path { get; init; }

    /// <summary>"model", "song" or "run".</summary>
    public required string Kind { get; init; }

    /// <summary>Whether everything is what was written.</summary>
    public required bool IsWhole { get; init; }

    /// <summary>What is wrong: sentences that name the file, the place and what mends it.</summary>
    public required string[] Problems { get; init; }

    /// <summary>What is not wrong, but worth knowing: that a song is unfinished, say.</summary>
    public required string[] Notes { get; init; }

    /// <summary>Looks at everything in a folder, or in the folder of the description that is named.</summary>
    /// <exception cref="StudioException">It holds none of the three.</exception>
    public static VerifyReport Of(string path)
    {
        string folder = File.Exists(path) && System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) is { } parent ? parent : path;
        (string kind, IEnumerable<string> problems, Func<string?> note) = File.Exists(System.IO.Path.Combine(folder, ModelDescription.FileName)) ? ("model", OfModel(folder), () => null)
            : SongFolder.HoldsSong(folder) ? ("song", SongIntegrity.Problems(folder), () => SongIntegrity.Unfinished(folder))
            : RunFolder.HoldsRun(folder) ? ("run", OfRun(folder), (Func<string?>)(() => null))
            : throw new StudioException($"'{path}' holds no model, song or run: there is no model.json, song.json or run.json in it.");
        string[] said = [.. Said(problems)];
        return new VerifyReport
        {
            Path = folder,
            Kind = kind,
            IsWhole = said.Length == 0,
            Problems = said,
            Notes = [.. Said(Noted(note)).Except(said)],
        };
    }

    private static IEnumerable<string> Noted(Func<string?> note)
    {
        if (note() is { } sentence)
        {
            yield return sentence;
        }
    }

    private static IEnumerable<string> OfModel(string folder)
    {
        using var model = ModelFolder.Open(folder, tables: false);
        foreach (DamagedFileException problem in model.Problems())
        {
            yield return problem.Message;
        }

        var tables = LabelTables.Open(folder);
        foreach (LabelSpec labels in model.Description.Priors.Select(prior => prior.Labels).OfType<LabelSpec>())
        {
            tables.Find(labels.Generation, LabelKind.Artist)?.CheckRows(labels.ArtistCount);
            tables.Find(labels.Generation, LabelKind.Genre)?.CheckRows(labels.GenreCount);
        }
    }

    private static IEnumerable<string> OfRun(string folder)
    {
        string model = RunFolder.ModelPathOf(folder);
        return RunCheck.Problems(folder).Concat(File.Exists(System.IO.Path.Combine(model, ModelDescription.FileName)) ? OfModel(model) : []);
    }

    /// <summary>The sentences, and that of what ends them.</summary>
    private static IEnumerable<string> Said(IEnumerable<string> problems)
    {
        using IEnumerator<string> each = problems.GetEnumerator();
        while (true)
        {
            string? failure = null;
            bool more = false;
            try
            {
                more = each.MoveNext();
            }
            catch (Exception e) when (e is JukeboxException or IOException or UnauthorizedAccessException)
            {
                failure = e is JukeboxException ? e.Message : FileFailure.Sentence(e);
            }

            if (failure is not null)
            {
                yield return failure;
            }

            if (!more)
            {
                yield break;
            }

            yield return each.Current;
        }
    }
}
