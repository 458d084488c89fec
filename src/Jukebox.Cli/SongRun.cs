using Jukebox.Core;
using Jukebox.Core.ModelFormat;
using Jukebox.Cuda.Interop;
using Jukebox.Models;

namespace Jukebox.Cli;

/// <summary>What <c>sample</c>, <c>continue</c> and <c>upsample</c> have in common once the request is known.</summary>
internal static class SongRun
{
    /// <summary>Begins a song and carries it out.</summary>
    public static int Begin(Session session, IBackend backend, ModelFolder folder, SampleRequest request, string output, bool force, bool allowUnknown)
    {
        using SongModel model = new SongModel(folder, backend);
        SongDescription song = Resolve(folder, request) with { Device = backend.Arithmetic };
        Requirements.Of(SamplingPlan.Create(song, folder.Description), folder, output, session.Limits, backend).Check(output);
        CheckLabels(session, folder, song, allowUnknown);
        NoteLyrics(session, folder, song);
        using SongFolder songFolder = SongFolder.Create(output, song, force);
        return Go(session, backend, folder, model, songFolder);
    }

    /// <summary>Goes on with a song that was interrupted.</summary>
    public static int Resume(Session session, IBackend backend, ModelFolder folder, string path, bool repair)
    {
        using SongModel model = new SongModel(folder, backend);
        using SongFolder songFolder = SongFolder.Resume(path, repair);
        if (songFolder.Description.Device is { } begun && begun != backend.Arithmetic)
        {
            session.Terminal.Note($"{path} was begun on {begun}; on {backend.Arithmetic} sums round differently, so what is still to be drawn may turn out otherwise.");
        }

        Requirements.Of(SamplingPlan.Create(songFolder.Description, folder.Description), folder, path, session.Limits, backend).Check(path, goesOn: true);
        return Go(session, backend, folder, model, songFolder);
    }

    /// <summary>The request with every default filled in.</summary>
    public static SongDescription Resolve(ModelFolder folder, SampleRequest request) =>
        new RequestResolver(folder.Description, SongModel.Reference(folder), SongModel.ReadPrompt).Resolve(request);

    private static int Go(Session session, IBackend backend, ModelFolder folder, SongModel model, SongFolder songFolder)
    {
        Terminal terminal = session.Terminal;
        SongDescription song = songFolder.Description;
        terminal.Note($"{songFolder.FolderPath}: {song.Items.Length} × {(double)song.SampleLength / song.SampleRateHz:0.00} s, seed {song.Seed}, {backend.Name}");
        var progress = new ProgressText(terminal, TimeProvider.System, LevelWork.Of(SamplingPlan.Create(song, folder.Description), folder, backend));
        SamplingOutcome outcome;
        try
        {
            outcome = new Sampler(model, songFolder, SongModel.PromptReaderWith(terminal.Note), progress.Report).Run(session.Cancellation);
        }
        catch (CudaException error)
        {
            terminal.EndProgress();
            terminal.Note(error.Message);
            NoteResume(terminal, "The device failed", songFolder);
            return ExitCode.Failed;
        }

        terminal.EndProgress();
        if (outcome == SamplingOutcome.Interrupted)
        {
            NoteResume(terminal, "Stopped", songFolder);
            return ExitCode.Interrupted;
        }

        foreach (int level in song.Request.SampleLevels!)
        {
            foreach (int item in song.Items)
            {
                terminal.Output.WriteLine(SongFolder.WavePath(songFolder.FolderPath, level, item));
            }
        }

        return ExitCode.Success;
    }

    /// <summary>
    /// A name that the coarsest level does not know is a mistake, as that level decides what a song is like; finer levels
    /// have older and shorter tables, so there it is only said. Without tables there is nothing to check.
    /// </summary>
    private static void CheckLabels(Session session, ModelFolder folder, SongDescription song, bool allowUnknown)
    {
        var tables = LabelTables.Open(folder.Path);
        int top = folder.Description.VqVae.Levels - 1;
        var warnings = song.Request.Labels!.Distinct()
            .SelectMany(label => song.Request.SampleLevels!.Where(level => folder.PriorOf(level).Labels is not null)
                .SelectMany(level => tables.Resolve(folder.PriorOf(level), label.Artist, label.Genre).Warnings))
            .DistinctBy(warning => warning.Message);
        foreach (LabelWarning warning in warnings)
        {
            if (warning.Level == top && !warning.TableMissing && !allowUnknown)
            {
                string[] near = [.. LabelSearch.Find(tables, warning.Kind, warning.Given, 3, warning.Generation).Select(match => $"'{match.Name}'")];
                string mend = near.Length > 0 ? $"did you mean {string.Join(" or ", near)}?" : $"'jukebox-native labels' lists what there is.";
                throw new CommandException(
                    $"The v{warning.Generation} {warning.Kind.Plural()} of level {top} have no '{warning.Unknown}': {mend} With --allow-unknown it counts as unknown.");
            }

            session.Terminal.Note(warning.Message);
        }
    }

    /// <summary>Says what the vocabulary of the lyrics makes of characters that it lacks.</summary>
    private static void NoteLyrics(Session session, ModelFolder folder, SongDescription song)
    {
        foreach (PriorSpec prior in folder.Description.Priors.Where(prior => prior.Lyrics != LyricsMode.None && song.Request.SampleLevels!.Contains(prior.Level)))
        {
            foreach (string lyrics in song.Request.Labels!.Select(label => label.Lyrics).Distinct())
            {
                IReadOnlyList<LyricsChange> changes = LyricsText.Clean(lyrics, prior.Labels!.Generation).Changes;
                if (changes.Count > 0)
                {
                    IEnumerable<string> said = changes.Select(change => change.Became.Length == 0 ? $"'{change.Original}' is dropped" : $"'{change.Original}' becomes '{change.Became}'");
                    session.Terminal.Note($"Level {prior.Level} cannot spell all of the lyrics: {string.Join(", ", said)}.");
                }
            }
        }
    }

    private static void NoteResume(Terminal terminal, string what, SongFolder song)
    {
        terminal.Note($"{what}; everything sampled so far is on disk. To go on:");
        terminal.Note($"  jukebox-native sample --resume {Quoted(song.FolderPath)}");
    }

    private static string Quoted(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}
