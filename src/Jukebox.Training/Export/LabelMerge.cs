using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Recordings.Folders;
using Jukebox.Training.Modules;

namespace Jukebox.Training.Export;

/// <summary>
/// Makes the label tables of a model folder those of all its priors. A table of one run may be the other's with more names
/// at its end; priors that lack rows for them get rows that sound like "unknown".
/// </summary>
internal static class LabelMerge
{
    /// <summary>The tables that a model needs with a new prior in it.</summary>
    /// <param name="prior">The new prior.</param>
    /// <param name="others">The priors that stay.</param>
    /// <param name="runPath">The run, which has the new prior's tables.</param>
    /// <param name="model">The model folder with the priors that stay.</param>
    /// <exception cref="TrainingException">The new prior and those that stay number the same names differently.</exception>
    public static LabelTableText[] Of(PriorSpec prior, IReadOnlyList<PriorSpec> others, string runPath, string model)
    {
        if (prior.Labels is not { Generation: int generation })
        {
            return [];
        }

        LabelTables added = LabelTables.Open(runPath), present = LabelTables.Open(model);
        bool isShared = others.Any(other => other.Labels?.Generation == generation);
        return
        [
            .. new[] { LabelKind.Artist, LabelKind.Genre }.Select(kind => Merge(
                added.Find(generation, kind)!, isShared ? present.Find(generation, kind) : null, model)),
        ];
    }

    /// <summary>Writes the tables, and gives every prior the rows that it lacks.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="description">What the model is without them.</param>
    /// <param name="model">The model's files.</param>
    /// <returns>The description with what changed.</returns>
    public static ModelDescription Apply(LabelTableText[] tables, ModelDescription description, PendingFiles model)
    {
        if (tables is not [LabelTableText artists, LabelTableText genres])
        {
            return description;
        }

        var files = new SortedDictionary<string, FileDigest>(description.Files, StringComparer.Ordinal);
        foreach (LabelTableText table in tables)
        {
            files[table.Path] = model.AddText(table.Path, table.Text);
        }

        PriorSpec[] priors = [.. description.Priors];
        for (int i = 0; i < priors.Length; i++)
        {
            if (priors[i].Labels is { } labels && artists.Path == ModelDescription.LabelFileName(labels.Generation, LabelKind.Artist.Singular())
                && (labels.ArtistCount < artists.Rows || labels.GenreCount < genres.Rows))
            {
                PriorSpec grown = priors[i] with
                {
                    Labels = labels with { ArtistCount = Math.Max(labels.ArtistCount, artists.Rows), GenreCount = Math.Max(labels.GenreCount, genres.Rows) },
                };
                string name = ModelDescription.PriorFileName(grown.Level);
                files[name] = model.Add(name, path => WeightExport.Grow(model.PathOf(name), path, TensorTable.Of(grown, description.VqVae)));
                priors[i] = grown;
            }
        }

        return description with { Priors = priors, Files = files };
    }

    /// <summary>The one of two tables that has all names of the other under the same ids.</summary>
    private static LabelTableText Merge(LabelTable added, LabelTable? present, string model)
    {
        bool Holds(LabelTable larger, LabelTable smaller) => smaller.Entries.All(entry => larger.TryFind(entry.Key, out int id) && id == entry.Value);
        LabelTable table = present is null || Holds(added, present) ? added
            : Holds(present, added) ? present
            : throw new TrainingException(
                $"{model}: its priors and the new one number {added.Kind.Plural()} differently; train the new one with --vqvae {model}, whose tables it then uses.");
        return new LabelTableText(
            ModelDescription.LabelFileName(table.Generation, table.Kind.Singular()),
            TextFile.Read(table.Path, LabelTable.LimitBytes, "use the id file that belongs to the model"), table.MaxId + 1);
    }
}
