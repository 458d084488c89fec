using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Conversion.Sources;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion;

/// <summary>Converts checkpoints to a model folder, and back.</summary>
public sealed class ModelConverter
{
    private readonly ConversionRequest _request;
    private readonly IProgress<ConversionProgress>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly List<string> _notes;
    private readonly List<string> _unchecked = [];
    private readonly SourceSet _set;
    private long _doneBytes;
    private long _totalBytes;
    private string _activity = "";

    private ModelConverter(SourceSet set, ConversionRequest request, IProgress<ConversionProgress>? progress, CancellationToken cancellation)
    {
        _set = set;
        _request = request;
        _progress = progress;
        _cancellation = cancellation;
        _notes = set.Notes;
    }

    /// <summary>
    /// Writes a folder under a temporary name beside <see cref="ConversionRequest.Output"/> and renames it when it
    /// is complete. Whatever goes wrong, nothing half-written stays and nothing that was there is lost.
    /// </summary>
    /// <exception cref="DamagedFileException">A source is not sound, or does not fit any model.</exception>
    /// <exception cref="ConversionException">What was asked for cannot be done as things are.</exception>
    /// <exception cref="IOException">The disk does not take what is written: it is full, or gone.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ConversionReport Run(
        ConversionRequest request, IProgress<ConversionProgress>? progress = null, CancellationToken cancellation = default)
    {
        using var set = new SourceSet();
        foreach (string source in request.Sources)
        {
            SourceCollector.Add(set, source);
        }

        return new ModelConverter(set, request, progress, cancellation).Execute();
    }

    private ConversionReport Execute()
    {
        ModelPlan plan = new ModelPlanner(_set, _request).Plan();
        foreach (PlannedFile file in _request.AllowExpansion ? [] : plan.Files)
        {
            ExpansionCheck.Require(file.Tensors);
        }

        var labels = new LabelTableFiles(_set, _request.LabelFolder, plan.Priors, _notes);
        using var folder = new OutputFolder(_request.Output, _request.Target, _request.Force, InputPaths());
        folder.RequireSpace(plan.Files.Sum(file => file.TargetBytes), _request.Type is not (ElementType.F16 or ElementType.BF16) && plan.Priors.Count > 0);
        _totalBytes = plan.Files.Sum(file => file.SourceBytes) + _set.Checkpoints.Sum(checkpoint => checkpoint.File.LengthBytes);
        SourceReport[] sources = [.. _set.Checkpoints.Select(Digest)];
        NoteUnchecked();
        var digests = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal);
        labels.Write(folder.TemporaryPath, digests);
        ModelDescription description = Describe(plan, sources, labels.Origin);
        var writer = new TargetWriter(_request.Target, folder.TemporaryPath, Advance, _cancellation);
        foreach (PlannedFile file in plan.Files)
        {
            string name = file.NameIn(_request.Target);
            _activity = $"writing {name}";
            digests.Add(name, writer.Write(file, description));
        }

        description = description with { Files = digests };
        if (_request.Target == TargetFormat.ModelFolder)
        {
            description.Write(folder.TemporaryPath);
        }

        _cancellation.ThrowIfCancellationRequested();
        folder.Complete();
        return new ConversionReport { Description = description, Sources = sources, Notes = _notes };
    }

    private IEnumerable<string> InputPaths() =>
        [.. _request.Sources, .. _set.Checkpoints.Select(checkpoint => checkpoint.File.Path), .. _request.LabelFolder is { } labels ? [labels] : Array.Empty<string>()];

    private SourceReport Digest(Checkpoint checkpoint)
    {
        SourceFile file = checkpoint.File;
        _activity = $"checking {Path.GetFileName(file.Path)}";
        FileDigest digest = new FileScan(file, checkpoint.Parts).Run(Advance, _cancellation);
        _set.RequireStated(file.Path, digest);
        bool isStated = checkpoint.Parts.Count > 0 || _set.StatedDigests.ContainsKey(Path.GetFullPath(file.Path));
        if (PublishedFiles.Mismatch(checkpoint, digest) is { } mismatch)
        {
            _notes.Add($"{file.Path}: {mismatch}");
        }
        else if (!isStated && !PublishedFiles.AreKnown(digest))
        {
            _unchecked.Add(Path.GetFileName(file.Path));
        }

        return new SourceReport(file.Path, checkpoint.Format, digest);
    }

    /// <summary>A changed number is a number too: what no checksum tells, nothing here can.</summary>
    private void NoteUnchecked()
    {
        if (_unchecked.Count > 0)
        {
            _notes.Add(
                $"{Text.List(_unchecked, 4)}: the format has no checksums, so that damage to single weights cannot be seen; compare the SHA-256 with that "
                + "which its publisher states.");
        }
    }

    private void Advance(long bytes)
    {
        _doneBytes += bytes;
        _progress?.Report(new ConversionProgress(_activity, _doneBytes, _totalBytes));
    }

    private ModelDescription Describe(ModelPlan plan, SourceReport[] sources, string labelOrigin)
    {
        ModelDescription? stated = _set.Description ?? CarriedDescription.Find(_set);
        string? set = plan.Priors.Where(prior => prior.Level == 2).Select(PublishedPrior.SetOf).FirstOrDefault();
        string files = string.Join(", ", sources.Select(source => $"{Path.GetFileName(source.Path)} ({source.Format}, SHA-256 {source.Digest.Sha256})"));
        return new ModelDescription
        {
            Format = ModelDescription.CurrentFormat,
            Name = _request.Name ?? _request.PublishedName ?? stated?.Name ?? set ?? Path.GetFileName(
                Path.GetFullPath(_request.Output).TrimEnd(Path.DirectorySeparatorChar)),
            SampleRateHz = plan.SampleRateHz,
            VqVae = plan.VqVae,
            Priors = [.. plan.Priors.OrderBy(prior => prior.Level)],
            Defaults = stated?.Defaults.Length == plan.VqVae.Levels ? stated.Defaults : Defaults(plan.VqVae.Levels),
            Origin = Origin(stated, files, labelOrigin),
            Licence = _request.Licence ?? stated?.Licence ?? PublishedFiles.Licence,
            Files = [],
        };
    }

    private string Origin(ModelDescription? stated, string files, string labelOrigin)
    {
        if (_set.Description is null)
        {
            return $"{(stated is null ? "" : stated.Origin + "; ")}converted from {files}; {labelOrigin}";
        }

        bool isAsBefore = _request is { Target: TargetFormat.Checkpoints, Type: null };
        return isAsBefore ? _set.Description.Origin : $"{_set.Description.Origin}; stored again as {_request.Type ?? ElementType.F32}";
    }

    private LevelDefaults[] Defaults(int levels)
    {
        LevelDefaults[] defaults = [.. PublishedModels.DefaultsOf(levels)];
        for (int level = 0; level < levels && level < _set.HopFractions?.Length; level++)
        {
            if (_set.HopFractions[level] is > 0 and <= 1)
            {
                defaults[level] = defaults[level] with { HopFraction = _set.HopFractions[level] };
            }
        }

        return defaults;
    }
}
