using System.Globalization;
using System.Text.Json;
using Jukebox.Core;
using Jukebox.Core.ModelFormat;
using Jukebox.Models;

namespace Jukebox.Training;

/// <summary>
/// Makes a model folder of a run: averaged weights, description, label tables. A VQ-VAE's run makes a folder with a VQ-VAE
/// alone, or puts the levels that it has trained into one that is there; a prior's adds its level to a folder with the same VQ-VAE, or to a copy of the one that it was trained on.
/// </summary>
public static class ModelExport
{
    /// <summary>Exports the newest checkpoint of a run, which may be in progress.</summary>
    /// <param name="runPath">The run folder.</param>
    /// <param name="target">The model folder.</param>
    /// <param name="storage">Storage of a prior's matrices, or none for the run's own.</param>
    /// <param name="force">Whether a VQ-VAE, or a prior of that level, that is there is replaced.</param>
    /// <param name="note">Told of damaged checkpoints.</param>
    /// <returns>Steps of the checkpoint.</returns>
    /// <exception cref="TrainingException">There is no checkpoint, or the folder holds something else.</exception>
    public static long Export(string runPath, string target, ElementType? storage, bool force, Action<string> note)
    {
        RunDescription run = RunFolder.ReadDescription(runPath);
        using WeightFile checkpoint = new CheckpointFolder(RunFolder.CheckpointsPath(runPath)).OpenNewest(note);
        long step = CheckpointNames.NumberOf(checkpoint, CheckpointNames.StepKey);
        float[] Read(string name) => checkpoint[name].ReadSingles();
        ModelDescription description = run.Settings.Kind == TrainingKind.VqVae
            ? WriteVqVae(run, runPath, target, force, step, Read)
            : WritePrior(run, runPath, target, storage ?? run.Settings.Storage, force, step, Read);
        description.Write(target);
        return step;
    }

    private static ModelDescription WriteVqVae(RunDescription run, string runPath, string target, bool force, long step, Func<string, float[]> read)
    {
        TrainingSettings settings = run.Settings;
        if (!HoldsModel(target))
        {
            return WriteNewModel(run, target, step, read);
        }

        if (!force)
        {
            throw new TrainingException($"{target} already holds a model; choose another folder, or overwrite it with --force.");
        }

        bool isItsOwn = Path.GetFullPath(target) == Path.GetFullPath(RunFolder.ModelPathOf(runPath));
        return !isItsOwn && settings.TrainedLevels is { } levels ? ReplaceLevels(run, levels, target, step, read) : WriteNewModel(run, target, step, read);
    }

    private static ModelDescription WriteNewModel(RunDescription run, string target, long step, Func<string, float[]> read)
    {
        TrainingSettings settings = run.Settings;
        Directory.CreateDirectory(target);
        return new ModelDescription
        {
            Format = ModelDescription.CurrentFormat,
            Name = settings.Name,
            SampleRateHz = settings.SampleRateHz,
            VqVae = settings.VqVae!,
            Priors = [],
            Defaults = [.. PublishedModels.DefaultsOf(settings.VqVae!.Levels)],
            Origin = run.FromOrigin is { } origin
                ? WithOrigin(origin, PartOf(settings.TrainedLevels), run, step)
                : settings.Origin ?? OriginOf(PartOf(null), run, step),
            Licence = run.FromLicence is { } licence ? WithLicence(licence, PartOf(settings.TrainedLevels), run) : settings.Licence,
            Files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal)
            {
                [ModelDescription.VqVaeFileName] = WriteVqVaeFile(target, settings.VqVae!, entry => read(StateOf(entry.Name, settings.TrainedLevels))),
            },
        };
    }

    /// <summary>Puts the levels that a run has trained into a model of the same shape; the others, and the priors, stay.</summary>
    private static ModelDescription ReplaceLevels(RunDescription run, int[] levels, string target, long step, Func<string, float[]> read)
    {
        ModelDescription description;
        FileDigest digest;
        using (var model = ModelFolder.Open(target))
        {
            description = model.Description;
            if (TextOf(description.VqVae) != TextOf(run.Settings.VqVae!) || description.SampleRateHz != run.Settings.SampleRateHz)
            {
                throw new TrainingException($"{target} has a VQ-VAE of another shape or rate than the run; choose another folder.");
            }

            if (description.Priors.FirstOrDefault(prior => CodeIdentity.LevelsOf(prior).Intersect(levels).Any()) is { } reader)
            {
                throw new TrainingException($"{target} has a prior of level {reader.Level}, which was trained on codes that would then be others; choose another folder.");
            }

            WeightFile present = model.OpenVqVae();
            digest = WriteVqVaeFile(target, description.VqVae, entry => levels.Contains(VqVaeTensorNames.LevelOf(entry.Name))
                ? read(StateOf(entry.Name, levels))
                : present[entry.Name].ReadSingles());
        }

        return description with
        {
            Origin = WithOrigin(description.Origin, PartOf(levels), run, step),
            Licence = WithLicence(description.Licence, PartOf(levels), run),
            Files = new SortedDictionary<string, FileDigest>(description.Files, StringComparer.Ordinal) { [ModelDescription.VqVaeFileName] = digest },
        };
    }

    private static string PartOf(int[]? levels) => levels is null ? "VQ-VAE" : $"VQ-VAE level {string.Join(" and ", levels)}";

    /// <summary>A shape as text, to compare shapes by.</summary>
    private static string TextOf(VqVaeSpec spec) => JsonSerializer.Serialize(spec, TrainingJson.Default.VqVaeSpec);

    private static FileDigest WriteVqVaeFile(string target, VqVaeSpec spec, Func<TensorEntry, float[]> read) =>
        WeightExport.Write(Path.Combine(target, ModelDescription.VqVaeFileName), TensorTable.Of(spec), ElementType.F32, read);

    private static ModelDescription WritePrior(
        RunDescription run, string runPath, string target, ElementType storage, bool force, long step, Func<string, float[]> read)
    {
        PriorSpec prior = run.Settings.Prior!;
        bool isNew = !HoldsModel(target);
        if (isNew)
        {
            CopyModel(run.VqVaeModel!, target);
        }

        ModelDescription description = ModelDescription.Read(target);
        using (var model = ModelFolder.Open(target))
        {
            if (!CodeIdentity.Of(model, prior).SequenceEqual(run.CodeHashes!))
            {
                throw new TrainingException($"{target} has another VQ-VAE than the one that the prior was trained on; choose another folder.");
            }
        }

        if (!isNew && !force && description.PriorOf(prior.Level) is not null)
        {
            throw new TrainingException($"{target} already has a prior of level {prior.Level}; choose another folder, or replace it with --force.");
        }

        PriorSpec[] others = [.. description.Priors.Where(other => other.Level != prior.Level)];
        LabelTableText[] tables = LabelMerge.Of(prior, others, runPath, target);
        string name = ModelDescription.PriorFileName(prior.Level);
        FileDigest digest = WeightExport.Write(
            Path.Combine(target, name), TensorTable.Of(prior, description.VqVae), storage, entry => read(CheckpointNames.AveragePrefix + entry.Name));
        var files = new SortedDictionary<string, FileDigest>(description.Files, StringComparer.Ordinal) { [name] = digest };
        LevelDefaults[] defaults = [.. description.Defaults];
        defaults[prior.Level] = run.Settings.Sampling ?? defaults[prior.Level];
        return LabelMerge.Apply(target, tables, description with
        {
            Priors = [.. others.Append(prior).OrderBy(each => each.Level)],
            Defaults = defaults,
            Origin = WithOrigin(description.Origin, $"prior of level {prior.Level}", run, step),
            Licence = WithLicence(description.Licence, $"prior of level {prior.Level}", run),
            Files = files,
        });
    }

    /// <summary>What a checkpoint calls a tensor of a VQ-VAE: codebooks are state and have no average.</summary>
    private static string StateOf(string name, int[]? trainedLevels)
    {
        int level = VqVaeTensorNames.LevelOf(name);
        return trainedLevels?.Contains(level) == false ? CheckpointNames.FrozenPrefix + name
            : VqVaeTensorNames.IsCodebook(name) ? Codebook.StateName(level, "k")
            : CheckpointNames.AveragePrefix + name;
    }

    private static bool HoldsModel(string folder) => File.Exists(Path.Combine(folder, ModelDescription.FileName));

    /// <summary>Copies the files that a model's description lists, the description last.</summary>
    private static void CopyModel(string source, string target)
    {
        foreach (string name in ModelDescription.Read(source).Files.Keys.Append(ModelDescription.FileName))
        {
            string copy = Path.Combine(target, name);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(source, name), copy, overwrite: true);
        }
    }

    /// <summary>
    /// The origin of a model with that of one part, in place of what it said of that part; what is trained further keeps what
    /// was said of its beginnings.
    /// </summary>
    private static string WithOrigin(string origin, string part, RunDescription run, long step)
    {
        string replaced = run.FromModel is null ? part : HowOf(part, run), said = run.Settings.Origin is { } stated ? $"{part}: {stated}" : OriginOf(part, run, step);
        return string.Join("; ", origin.Split("; ").Where(each => each != said && !each.StartsWith(replaced, StringComparison.Ordinal)).Append(said));
    }

    /// <summary>The licence of a model with that of one part; what a part was trained further from keeps its own.</summary>
    private static string WithLicence(string licence, string part, RunDescription run)
    {
        string added = $"{part}: {run.Settings.Licence}";
        return licence == run.Settings.Licence || licence.Split("; ").Contains(added) ? licence : $"{licence}; {added}";
    }

    private static string OriginOf(string part, RunDescription run, long step) => string.Create(CultureInfo.InvariantCulture, $"{HowOf(part, run)}: {step} steps");

    private static string HowOf(string part, RunDescription run) => string.Create(
        CultureInfo.InvariantCulture, $"{part} trained {(run.FromModel is null ? "" : "further ")}by jukebox-native on data {run.DataFingerprint[..12]}, seed {run.Settings.Seed}");
}
