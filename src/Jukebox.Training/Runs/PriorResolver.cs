using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Recordings.Folders;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>Fills in what a prior's settings leave to its VQ-VAE, to the model that it goes on from, and to the data.</summary>
internal static class PriorResolver
{
    /// <summary>Samples of a window.</summary>
    public static long WindowSamples(TrainingSettings settings) =>
        (long)settings.Prior!.ContextLength * settings.VqVae!.SamplesPerToken(settings.Prior.Level);

    /// <summary>The settings with the shapes of a model.</summary>
    /// <exception cref="TrainingException">The model has no prior to go on from, or the preset has none.</exception>
    public static TrainingSettings ShapeOf(TrainingSettings settings, ModelFolder model, bool fineTune)
    {
        ModelDescription description = model.Description;
        PriorSpec prior = settings.Prior ?? throw new TrainingException("The settings train no prior; choose another --preset.");
        if (fineTune)
        {
            prior = description.PriorOf(prior.Level) ?? throw new TrainingException(
                $"{model.Path} has no prior of level {prior.Level} to go on from; choose another --level, or leave --from out.");
        }

        return settings with
        {
            SampleRateHz = description.SampleRateHz,
            VqVae = description.VqVae,
            Prior = prior with { CodebookSize = description.VqVae.CodebookSize },
        };
    }

    /// <summary>
    /// The settings' limits on recordings, and at the top level those of the labels' durations: a length that is the longest when
    /// rounded to float32 is too long for them.
    /// </summary>
    public static WindowSettings LimitsOf(TrainingSettings settings)
    {
        WindowSettings windows = settings.Windows;
        return settings.Prior is not { UpperCodes: null, Labels: { } labels } ? windows : windows with
        {
            MinSeconds = Math.Max(windows.MinSeconds ?? 0, labels.MinDurationSeconds),
            MaxSeconds = Math.Min(windows.MaxSeconds ?? double.PositiveInfinity, labels.MaxDurationSeconds * (1 - 1e-6)),
        };
    }

    /// <summary>
    /// The label tables of the run: the model's, with the data's new names when its prior is trained further; the model's as
    /// they are where it has any, so that all its priors share them; otherwise tables of the data.
    /// </summary>
    /// <exception cref="TrainingException">A genre has too many words.</exception>
    public static (TrainingSettings Settings, LabelTableText[] Tables) LabelsOf(
        TrainingSettings settings, IReadOnlyList<Track> tracks, LabelTables model, bool fineTune)
    {
        if (settings.Prior!.Labels is not { } labels)
        {
            return (settings, []);
        }

        if (tracks.FirstOrDefault(track => LabelNames.GenreParts(labels.Generation, track.Genre).Length > labels.MaxGenres) is { } wordy)
        {
            throw new TrainingException(
                $"{wordy.Name}: its genre '{wordy.Genre}' has more than {labels.MaxGenres} words, which labels of generation {labels.Generation} cannot "
                + "hold; shorten it in the table.");
        }

        bool isShared = !fineTune && model.Find(labels.Generation, LabelKind.Artist) is not null;
        (LabelTableText artists, LabelTableText genres) = DataLabels.Of(labels.Generation, isShared ? [] : tracks, model);
        LabelSpec sized = labels with
        {
            ArtistCount = Math.Max(labels.ArtistCount, artists.Rows),
            GenreCount = Math.Max(labels.GenreCount, genres.Rows),
        };
        return (settings with { Prior = settings.Prior with { Labels = sized } }, [artists, genres]);
    }
}
