using System.Globalization;
using System.Text;
using System.Text.Json;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Recordings.Codes;
using Jukebox.Recordings.Folders;
using Jukebox.Training.Modules;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Jukebox.Training.VqVaes;

namespace Jukebox.Training.Export;

/// <summary>
/// Makes a model folder of a run: averaged weights, description, label tables. A VQ-VAE's run makes a folder with a VQ-VAE
/// alone, or puts the levels that it has trained into one that is there; a prior's adds its level to a folder with the same VQ-VAE, or to a copy of the one
/// that it was trained on.
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
        if (RunFolder.HoldsRun(target))
        {
            throw new TrainingException($"{target} holds a run, and a model has a folder of its own; choose another.");
        }

        using var files = new PendingFiles(target);
        ModelDescription description = run.Settings.Kind == TrainingKind.VqVae
            ? WriteVqVae(run, runPath, target, files, force, step, Read)
            : WritePrior(run, runPath, target, files, storage ?? run.Settings.Storage, force, step, Read);
        files.AddText(ModelDescription.FileName, Encoding.UTF8.GetString(description.ToJson()));
        files.Commit();
        return step;
    }

    private static ModelDescription WriteVqVae(
        RunDescription run, string runPath, string target, PendingFiles files, bool force, long step, Func<string, float[]> read)
    {
        TrainingSettings settings = run.Settings;
        if (!HoldsModel(target))
        {
            RequireFree(target, force, [ModelDescription.VqVaeFileName]);
            return WriteNewModel(run, files, step, read);
        }

        if (!force)
        {
            throw new TrainingException($"{target} already holds a model; choose another folder, or overwrite it with --force.");
        }

        bool isItsOwn = FilePath.AreSame(target, RunFolder.ModelPathOf(runPath));
        if (isItsOwn && ModelDescription.Read(target).Priors.Length > 0)
        {
            throw new TrainingException(
                $"{target} has priors by now, which were trained on codes that would then be others; make a model elsewhere: jukebox-native train export "
                + $"{runPath} MODEL");
        }

        return !isItsOwn && settings.TrainedLevels is { } levels ? ReplaceLevels(run, levels, target, files, step, read) : WriteNewModel(run, files, step, read);
    }

    private static ModelDescription WriteNewModel(RunDescription run, PendingFiles files, long step, Func<string, float[]> read)
    {
        TrainingSettings settings = run.Settings;
        return new ModelDescription
        {
            Format = ModelDescription.CurrentFormat,
            Name = settings.Name,
            SampleRateHz = settings.SampleRateHz,
            VqVae = settings.VqVae!,
            Priors = [],
            Defaults = [.. PublishedModels.DefaultsOf(settings.VqVae!.Levels)],
            Origin = "",
            Licence = run.FromLicence is { } licence ? WithLicence(licence, PartOf(settings.TrainedLevels), run) : settings.Licence,
            Files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal)
            {
                [ModelDescription.VqVaeFileName] = WriteVqVaeFile(files, settings.VqVae!, entry => read(StateOf(entry.Name, settings.TrainedLevels))),
            },
        }.From(run.FromOrigin is { } origin
            ? WithOrigin(ModelDescription.PartsOf(origin), PartOf(settings.TrainedLevels), run, step)
            : [settings.Origin ?? OriginOf(PartOf(null), run, step)]);
    }

    /// <summary>Puts the levels that a run has trained into a model of the same shape; the others, and the priors, stay.</summary>
    private static ModelDescription ReplaceLevels(RunDescription run, int[] levels, string target, PendingFiles files, long step, Func<string, float[]> read)
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
                throw new TrainingException(
                    $"{target} has a prior of level {reader.Level}, which was trained on codes that would then be others; choose another folder.");
            }

            WeightFile present = model.OpenVqVae();
            digest = WriteVqVaeFile(files, description.VqVae, entry => levels.Contains(VqVaeTensorNames.LevelOf(entry.Name))
                ? read(StateOf(entry.Name, levels))
                : present[entry.Name].ReadSingles());
        }

        return description.From(WithOrigin(description.Origins(), PartOf(levels), run, step)) with
        {
            Licence = WithLicence(description.Licence, PartOf(levels), run),
            Files = new SortedDictionary<string, FileDigest>(description.Files, StringComparer.Ordinal) { [ModelDescription.VqVaeFileName] = digest },
        };
    }

    private static string PartOf(int[]? levels) => levels is null ? "VQ-VAE" : $"VQ-VAE level {string.Join(" and ", levels)}";

    /// <summary>A shape as text, to compare shapes by.</summary>
    private static string TextOf(VqVaeSpec spec) => JsonSerializer.Serialize(spec, TrainingJson.Default.VqVaeSpec);

    private static FileDigest WriteVqVaeFile(PendingFiles files, VqVaeSpec spec, Func<TensorEntry, float[]> read) =>
        files.Add(ModelDescription.VqVaeFileName, path => WeightExport.Write(path, TensorTable.Of(spec), ElementType.F32, read));

    private static ModelDescription WritePrior(
        RunDescription run, string runPath, string target, PendingFiles files, ElementType storage, bool force, long step, Func<string, float[]> read)
    {
        PriorSpec prior = run.Settings.Prior!;
        bool isNew = !HoldsModel(target);
        string basis = isNew ? run.VqVaeModel! : target;
        ModelDescription description = ModelDescription.Read(basis);
        using (var model = ModelFolder.Open(basis))
        {
            if (!CodeIdentity.Of(model, prior).SequenceEqual(run.CodeHashes!))
            {
                throw new TrainingException($"{basis} has another VQ-VAE than the one that the prior was trained on; choose another folder.");
            }
        }

        if (!isNew && !force && description.PriorOf(prior.Level) is not null)
        {
            throw new TrainingException($"{target} already has a prior of level {prior.Level}; choose another folder, or replace it with --force.");
        }

        PriorSpec[] others = [.. description.Priors.Where(other => other.Level != prior.Level)];
        LabelTableText[] tables = LabelMerge.Of(prior, others, runPath, basis);
        string name = ModelDescription.PriorFileName(prior.Level);
        if (isNew)
        {
            RequireFree(target, force, [.. description.Files.Keys, name, .. tables.Select(table => table.Path)]);
            Copy(basis, description, files);
        }

        FileDigest digest = files.Add(
            name, path => WeightExport.Write(path, TensorTable.Of(prior, description.VqVae), storage, entry => read(CheckpointNames.AveragePrefix + entry.Name)));
        LevelDefaults[] defaults = [.. description.Defaults];
        defaults[prior.Level] = run.Settings.Sampling ?? defaults[prior.Level];
        ModelDescription joined = description.From(WithOrigin(description.Origins(), $"prior of level {prior.Level}", run, step)) with
        {
            Priors = [.. others.Append(prior).OrderBy(each => each.Level)],
            Defaults = defaults,
            Licence = WithLicence(description.Licence, $"prior of level {prior.Level}", run),
            Files = new SortedDictionary<string, FileDigest>(description.Files, StringComparer.Ordinal) { [name] = digest },
        };
        return LabelMerge.Apply(tables, joined, files);
    }

    /// <summary>What a checkpoint calls a tensor of a VQ-VAE: codebooks are state and have no average.</summary>
    private static string StateOf(string name, int[]? trainedLevels)
    {
        int level = VqVaeTensorNames.LevelOf(name);
        return trainedLevels?.Contains(level) == false ? CheckpointNames.FrozenPrefix + name
            : VqVaeTensorNames.IsCodebook(name) ? Codebook.StateName(level, "k")
            : CheckpointNames.AveragePrefix + name;
    }

    /// <summary>Whether a folder holds a model.</summary>
    public static bool HoldsModel(string folder) => File.Exists(Path.Combine(folder, ModelDescription.FileName));

    /// <summary>Copies the files that a model's description lists.</summary>
    private static void Copy(string source, ModelDescription description, PendingFiles files)
    {
        foreach ((string name, FileDigest digest) in description.Files)
        {
            files.Add(name, path =>
            {
                File.Copy(Path.Combine(source, name), path, overwrite: true);
                return digest;
            });
        }
    }

    /// <summary>Refuses a folder without a model that holds something under the name of one of a model's files.</summary>
    private static void RequireFree(string target, bool force, IEnumerable<string> names)
    {
        if (!force && names.FirstOrDefault(name => File.Exists(Path.Combine(target, name))) is { } taken)
        {
            throw new TrainingException($"{target} holds '{taken}' but no model; choose another folder, or overwrite it with --force.");
        }
    }

    /// <summary>
    /// The origins of a model's parts with that of one part, in place of what it said of that part; what is trained further keeps what
    /// was said of its beginnings.
    /// </summary>
    private static string[] WithOrigin(IReadOnlyList<string> origins, string part, RunDescription run, long step)
    {
        string replaced = run.FromModel is null ? part : HowOf(part, run), said = run.Settings.Origin is { } stated ? $"{part}: {stated}" : OriginOf(part, run, step);
        return [.. origins.Where(each => each != said && !each.StartsWith(replaced, StringComparison.Ordinal)), said];
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
