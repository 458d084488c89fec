using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.VqVaes;

/// <summary>
/// The VQ-VAE in training: all levels on the same windows, their losses added; or some of them, while the others stay as
/// they are and are only kept for whoever wants the whole model.
/// </summary>
public sealed class VqVaeTrainee : ITrainee<AudioBatch>
{
    private readonly ITrainingBackend _backend;
    private readonly VqVaeTrainingSpec _training;
    private readonly VqVaeLevel[] _levels; // those that learn
    private readonly (TensorEntry Entry, float[] Values)[] _frozen; // tensors of the others
    private readonly ReconstructionLoss _loss;
    private readonly Workspace _scratch;
    private readonly Tensor _samples; // (N, T, 1)
    private readonly Tensor _gradient; // (N, T, 1)

    /// <summary>Allocates everything; the parameters are zero until they are initialised or loaded.</summary>
    /// <exception cref="ArgumentException">The window is no multiple of the top level's hop, or too short for its spectra.</exception>
    public VqVaeTrainee(ITrainingBackend backend, VqVaeSpec spec, VqVaeTrainingSpec training)
    {
        int hop = spec.SamplesPerToken(spec.Levels - 1), shortest = ReconstructionLoss.DefaultResolution.TransformLength / 2;
        if (training.WindowLength % hop != 0 || training.WindowLength <= shortest)
        {
            throw new ArgumentException(
                $"a window of {training.WindowLength} samples does not do: it must be a multiple of {hop}, the samples of a top-level code, and longer than {shortest}",
                nameof(training));
        }

        if (training.RevivalThresholds.Length != spec.Levels)
        {
            throw new ArgumentException($"there are {training.RevivalThresholds.Length} revival thresholds for {spec.Levels} levels", nameof(training));
        }

        _backend = backend;
        _training = training;
        Spec = spec;
        Levels = training.Levels ?? [.. Enumerable.Range(0, spec.Levels)];
        ILookup<bool, TensorEntry> tensors = TensorTable.Of(spec).ToLookup(entry => Levels.Contains(VqVaeTensorNames.LevelOf(entry.Name)));
        Parameters = new ParameterSet(backend, tensors[true].Where(entry => !VqVaeTensorNames.IsCodebook(entry.Name)));
        _frozen = [.. tensors[false].Select(entry => (entry, new float[entry.StoredShape.LengthElements]))];
        _levels = new VqVaeLevel[Levels.Count];
        _scratch = new Workspace(backend);
        try
        {
            for (int i = 0; i < _levels.Length; i++)
            {
                _levels[i] = new VqVaeLevel(backend, Parameters, spec, training, Levels[i]);
            }

            _loss = new ReconstructionLoss(backend, training.Weights, training.Bandwidths, training.BatchSize);
            _samples = _scratch.Allocate("samples", ElementType.F32, training.BatchSize, training.WindowLength, 1);
            _gradient = _scratch.Allocate("gradient", ElementType.F32, training.BatchSize, training.WindowLength, 1);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Shape of the model.</summary>
    public VqVaeSpec Spec { get; }

    /// <summary>The levels that learn, ascending.</summary>
    public IReadOnlyList<int> Levels { get; }

    /// <inheritdoc/>
    public ParameterSet Parameters { get; }

    /// <inheritdoc/>
    public long ActivationBytes => _levels.Sum(level => level.LengthBytes) + _scratch.LengthBytes;

    /// <inheritdoc/>
    public long Operations => _training.BatchSize * _levels.Sum(level => level.Operations(_training.WindowLength));

    /// <summary>The codebook of a level that learns.</summary>
    internal Codebook CodebookOf(int level) => _levels.Single(each => each.Level == level).Codebook;

    /// <summary>
    /// Takes the weights of a trained model. Of a codebook each code counts as if a window's share of vectors had fallen to it,
    /// or a batch's where a window's would not keep it from being restarted.
    /// </summary>
    internal void Load(WeightFile file)
    {
        Parameters.Load(file);
        foreach ((TensorEntry entry, float[] values) in _frozen)
        {
            file[entry.Name].ReadSingles().CopyTo(values, 0);
        }

        foreach (VqVaeLevel level in _levels)
        {
            double expected = (double)(_training.WindowLength / Spec.SamplesPerToken(level.Level)) / Spec.CodebookSize;
            if (expected < level.Codebook.Threshold)
            {
                expected = Math.Max(expected * _training.BatchSize, level.Codebook.Threshold);
            }

            level.Codebook.Restore(file[VqVaeTensorNames.CodebookOf(level.Level)].ReadSingles(), expected);
        }
    }

    /// <summary>A tensor of the whole model as it is now, in its stored shape.</summary>
    internal float[] ValueOf(TensorEntry entry)
    {
        int level = VqVaeTensorNames.LevelOf(entry.Name);
        return !Levels.Contains(level) ? _frozen.Single(frozen => frozen.Entry == entry).Values
            : VqVaeTensorNames.IsCodebook(entry.Name) ? CodebookOf(level).Values.ToArray<float>()
            : Parameters.Value(entry.Name).ToArray<float>();
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> ComputeGradients(AudioBatch batch, long step) =>
        Run(batch, level => new RowDraws(_training.Seed, step, level), true);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Evaluate(AudioBatch batch) => Run(batch, _ => null, false);

    /// <summary>The reconstruction of windows by one level that learns: (N, T) samples.</summary>
    public float[] Reconstruct(AudioBatch batch, int level) =>
        _levels.Single(each => each.Level == level).Forward(Upload(batch), null, out _).ToArray<float>();

    /// <inheritdoc/>
    public IReadOnlyList<NamedState> SaveState() =>
    [
        .. _levels.SelectMany(level => level.Codebook.SaveState(level.Level)),
        .. _frozen.Select(frozen => new NamedState(CheckpointNames.FrozenPrefix + frozen.Entry.Name, frozen.Entry.StoredShape, frozen.Values)),
    ];

    /// <inheritdoc/>
    public void LoadState(WeightFile file)
    {
        foreach (VqVaeLevel level in _levels)
        {
            level.Codebook.LoadState(file, level.Level);
        }

        foreach ((TensorEntry entry, float[] values) in _frozen)
        {
            StateReader.Read(file, CheckpointNames.FrozenPrefix + entry.Name, values);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (VqVaeLevel? level in _levels)
        {
            level?.Dispose();
        }

        _loss?.Dispose();
        _scratch.Dispose();
        Parameters.Dispose();
    }

    private Tensor Upload(AudioBatch batch)
    {
        if (batch.Length != _training.WindowLength || batch.Count > _training.BatchSize)
        {
            throw new ArgumentException(
                $"{batch.Count} windows of {batch.Length} samples; this run takes at most {_training.BatchSize} of {_training.WindowLength}", nameof(batch));
        }

        Tensor samples = _samples.Prefix(batch.Count, batch.Length, 1);
        samples.Upload<float>(batch.Samples);
        return samples;
    }

    /// <summary>Every level that learns from the top down: forward, and backward where <paramref name="learn"/>.</summary>
    private Dictionary<string, double> Run(AudioBatch batch, Func<int, RowDraws?> drawsOf, bool learn)
    {
        Tensor samples = Upload(batch), gradient = _gradient.Prefix(batch.Count, batch.Length, 1);
        bool everything = !learn || _training.MeasureEverything;
        var metrics = new VqVaeMetrics(_training.Weights);
        foreach (VqVaeLevel level in _levels.Reverse())
        {
            Tensor y = level.Forward(samples, drawsOf(level.Level), out CodebookUse? use);
            ReconstructionTerms terms = _loss.Compute(Signals(samples), Signals(y), everything, learn ? Signals(gradient) : null);
            metrics.Add(level, terms, use);
            if (learn)
            {
                level.Backward(gradient, _training.Weights.Commit);
            }
        }

        return metrics.ToDictionary();
    }

    /// <summary>(N, T, 1) as (N, T).</summary>
    private static Tensor Signals(Tensor audio) => audio.Reshape(audio.Shape[0], audio.Shape[1]);
}
