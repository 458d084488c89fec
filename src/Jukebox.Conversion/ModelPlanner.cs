using Jukebox.Conversion.Hyperparameters;
using Jukebox.Conversion.Sources;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion;

/// <summary>From sources to a plan: finds out what every part is and checks its tensors against the model's table.</summary>
internal sealed class ModelPlanner(SourceSet set, ConversionRequest request)
{
    /// <summary>Makes the plan.</summary>
    /// <exception cref="DamagedFileException">A part does not fit any model.</exception>
    /// <exception cref="ConversionException">The parts do not make one model, or it is not clear which level one is for.</exception>
    public ModelPlan Plan() => set.Description is { } description ? Stored(description) : FromCheckpoints();

    private ModelPlan Stored(ModelDescription description)
    {
        if (request.Level is not null)
        {
            throw new ConversionException("--level says the level of a prior's checkpoint, but the source is a model folder, which says its own; leave it out.");
        }

        var files = new List<PlannedFile>();
        foreach (ModelPart part in set.Parts)
        {
            IReadOnlyList<TensorEntry> table = part.Kind == PartKind.VqVae
                ? TensorTable.Of(description.VqVae)
                : TensorTable.Of(description.PriorOf(part.Level!.Value)!, description.VqVae);
            var check = new TensorCheck(part, table);
            if (!check.IsComplete)
            {
                throw check.Failure();
            }

            files.Add(File(part, part.Level, check));
        }

        return new ModelPlan(description.VqVae, description.Priors, description.SampleRateHz, files);
    }

    private ModelPlan FromCheckpoints()
    {
        ModelPart[] vqvaes = [.. set.Parts.Where(part => part.Kind == PartKind.VqVae)];
        ModelPart[] priors = [.. set.Parts.Where(part => part.Kind == PartKind.Prior)];
        if (vqvaes.Length > 1)
        {
            throw new ConversionException($"both {vqvaes[0].Path} and {vqvaes[1].Path} hold a VQ-VAE; name only one.");
        }

        if (request.Level is not null && priors.Length != 1)
        {
            throw new ConversionException(priors.Length == 0
                ? "--level says the level of a prior, but the sources hold none; leave it out."
                : $"--level says the level of a single prior, but the sources hold {priors.Length}; convert that one alone, or name the files prior_level_N.pth.tar.");
        }

        var files = new List<PlannedFile>();
        ModelPart? vqvaePart = vqvaes.FirstOrDefault();
        VqVaeSpec? vqvae = vqvaePart is null ? null : ReadVqVae(vqvaePart, files);
        int[] levels = [.. priors.Select(part => new PriorLevel(part, request.Level).Find(vqvae?.Levels))];
        RejectTwins(priors, levels);
        if (vqvae is null)
        {
            set.Notes.Add("there is no VQ-VAE among the sources: the model can write codes, but not audio.");
            vqvae = ImpliedVqVae.Of(priors, levels);
        }

        var specs = new List<PriorSpec>();
        foreach (int i in Enumerable.Range(0, priors.Length).OrderBy(i => levels[i]))
        {
            specs.Add(ReadPrior(priors[i], levels[i], vqvae, vqvaePart is not null, files));
        }

        int sampleRateHz = VqVaeReader.SampleRate(vqvaePart ?? priors[0]);
        return new ModelPlan(vqvae, specs, sampleRateHz, files);
    }

    private static void RejectTwins(ModelPart[] priors, int[] levels)
    {
        for (int i = 0; i < levels.Length; i++)
        {
            int twin = Array.IndexOf(levels, levels[i]);
            if (twin != i)
            {
                throw new ConversionException($"both {priors[twin].Path} and {priors[i].Path} hold a prior of level {levels[i]}; name only one.");
            }
        }
    }

    private VqVaeSpec ReadVqVae(ModelPart part, List<PlannedFile> files)
    {
        var resolution = new SpecResolution<VqVaeSpec>(part, shapesFirst => VqVaeReader.Read(part, shapesFirst), SpecValidation.ProblemOf, TensorTable.Of);
        (VqVaeSpec spec, TensorCheck check) = resolution.Resolve(set.Notes);
        files.Add(File(part, null, check));
        return spec;
    }

    private PriorSpec ReadPrior(ModelPart part, int level, VqVaeSpec vqvae, bool vqvaeIsKnown, List<PlannedFile> files)
    {
        PriorSpec? published = PublishedPrior.Find(part, level, request.PublishedName);
        var resolution = new SpecResolution<PriorSpec>(
            part,
            shapesFirst => new PriorReader(part, vqvaeIsKnown ? vqvae : null, published, shapesFirst).Read(level),
            spec => SpecValidation.ProblemOf(spec, vqvae),
            spec => TensorTable.Of(spec, vqvae));
        (PriorSpec spec, TensorCheck check) = resolution.Resolve(set.Notes);
        if (!spec.MergedDecoder && !TiedOutput.Equal(part))
        {
            throw new DamagedFileException(
                part.Path, -1, $"'{TiedOutput.OutputName}' differs from '{TiedOutput.EmbeddingName}', but its hyperparameters say that they are one matrix "
                    + "(merged_decoder is false)",
                "check where the file comes from");
        }

        files.Add(File(part, level, check));
        return spec;
    }

    private PlannedFile File(ModelPart part, int? level, TensorCheck check) => part.Kind == PartKind.VqVae
        ? new PlannedFile(null, check.Matched, ElementType.F32)
        : new PlannedFile(level, check.Matched, request.Type ?? (request.Target == TargetFormat.ModelFolder ? ElementType.F32 : null));
}
