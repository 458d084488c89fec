using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Runs;

/// <summary>Begins a prior with the weights of a trained one whose label tables may be others.</summary>
internal static class FineTuning
{
    private const string ArtistTable = "y_emb.artist_emb.emb.weight";
    private const string GenreTable = "y_emb.bow_genre_emb.emb.weight";

    /// <summary>The model that a run begins with: the very one, also where the run begins only when it is resumed.</summary>
    /// <param name="path">Its folder.</param>
    /// <param name="identity">Its <see cref="ModelFolder.Fingerprint"/> when the run was made, or none where nobody wrote it down.</param>
    /// <exception cref="TrainingException">Another model is there now.</exception>
    public static ModelFolder OpenOrigin(string path, string? identity)
    {
        var model = ModelFolder.Open(path);
        if (identity is null || identity == model.Fingerprint)
        {
            return model;
        }

        model.Dispose();
        throw new TrainingException($"{path} is another model now than the one that the run was to begin with; put that back, or begin another run.");
    }

    /// <summary>
    /// Sets every parameter from a model but the rows of labels that it does not have, which stay as they were initialised. Rows
    /// are found by name.
    /// </summary>
    /// <param name="backend">Where the parameters lie.</param>
    /// <param name="parameters">Initialised.</param>
    /// <param name="model">The trained model.</param>
    /// <param name="spec">The new prior; but for its label tables it has the model's shape.</param>
    /// <param name="tables">The new tables.</param>
    /// <param name="voice">Told of new rows.</param>
    public static void Load(ITrainingBackend backend, ParameterSet parameters, ModelFolder model, PriorSpec spec, LabelTables tables, RunVoice voice)
    {
        WeightFile file = model.OpenPrior(spec.Level);
        foreach (TensorEntry entry in parameters.Entries)
        {
            Tensor value = parameters.Value(entry.Name);
            float[] stored = file[entry.Name].ReadSingles();
            if (entry.Name is ArtistTable or GenreTable)
            {
                LabelKind kind = entry.Name == ArtistTable ? LabelKind.Artist : LabelKind.Genre;
                stored = MapRows(stored, value.ToArray<float>(), entry.StoredShape[1], spec.Labels!.Generation, kind, LabelTables.Open(model.Path), tables, voice);
            }

            value.Upload<float>(stored);
        }

        backend.Synchronize();
    }

    private static float[] MapRows(
        float[] old, float[] rows, int width, int generation, LabelKind kind, LabelTables oldTables, LabelTables tables, RunVoice voice)
    {
        LabelTable? before = oldTables.Find(generation, kind);
        var added = new List<string>();
        int kept = 0;
        foreach (IGrouping<int, KeyValuePair<string, int>> names in tables.Find(generation, kind)?.Entries.GroupBy(entry => entry.Value) ?? [])
        {
            int? id = names.Key == 0 ? 0 : names.Select(name => before is not null && before.TryFind(name.Key, out int found) ? found : (int?)null).FirstOrDefault(found => found is not null);
            if (id is { } row && (row + 1) * width <= old.Length)
            {
                old.AsSpan(row * width, width).CopyTo(rows.AsSpan(names.Key * width));
                kept++;
            }
            else
            {
                added.Add($"'{names.First().Key}'");
            }
        }

        voice.Note(added.Count == 0
            ? $"{kept} {kind.Plural()} keep their rows."
            : $"{kept} {kind.Plural()} keep their rows; new and initialised: {string.Join(", ", added.Order(StringComparer.Ordinal))}.");
        return rows;
    }
}
