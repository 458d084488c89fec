using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Training;

/// <summary>The VQ-VAE in training: all levels on the same windows, their losses added.</summary>
public sealed class VqVaeTrainee : ITrainee<AudioBatch>
{
    private readonly ITrainingBackend _backend;
    private readonly VqVaeTrainingSpec _training;
    private readonly VqVaeLevel[] _levels;
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
                $"a window of {training.WindowLength} samples does not do: it must be a multiple of {hop}, the samples of a top-level code, and longer than {shortest}");
        }

        if (training.RevivalThresholds.Length != spec.Levels)
        {
            throw new ArgumentException($"there are {training.RevivalThresholds.Length} revival thresholds for {spec.Levels} levels");
        }

        _backend = backend;
        _training = training;
        Spec = spec;
        Parameters = new ParameterSet(backend, TensorTable.Of(spec).Where(entry => !IsCodebook(entry)));
        _levels = [.. Enumerable.Range(0, spec.Levels).Select(level => new VqVaeLevel(backend, Parameters, spec, training, level))];
        _loss = new ReconstructionLoss(backend, training.Weights, training.Bandwidths, training.BatchSize);
        _scratch = new Workspace(backend);
        _samples = _scratch.Allocate("samples", ElementType.F32, training.BatchSize, training.WindowLength, 1);
        _gradient = _scratch.Allocate("gradient", ElementType.F32, training.BatchSize, training.WindowLength, 1);
    }

    /// <summary>Shape of the model.</summary>
    public VqVaeSpec Spec { get; }

    /// <inheritdoc/>
    public ParameterSet Parameters { get; }

    /// <inheritdoc/>
    public long Operations => _training.BatchSize * _levels.Sum(level => level.Operations(_training.WindowLength));

    /// <summary>A level's codebook.</summary>
    internal Codebook CodebookOf(int level) => _levels[level].Codebook;

    /// <summary>Takes the codebooks of a trained model: each code as if a window's share of vectors had fallen to it.</summary>
    internal void RestoreCodebooks(WeightFile file)
    {
        for (int level = 0; level < Spec.Levels; level++)
        {
            double expected = (double)(_training.WindowLength / Spec.SamplesPerToken(level)) / Spec.CodebookSize;
            _levels[level].Codebook.Restore(file[CodebookName(level)].ReadSingles(), expected);
        }
    }

    /// <summary>Name of a level's codebook in a model's weight file.</summary>
    internal static string CodebookName(int level) => $"bottleneck.level_blocks.{level}.k";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> ComputeGradients(AudioBatch batch, long step) =>
        Run(batch, level => new RowDraws(_training.Seed, step, level), true);

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, double> Evaluate(AudioBatch batch) => Run(batch, _ => null, false);

    /// <summary>The reconstruction of windows by one level: (N, T) samples.</summary>
    public float[] Reconstruct(AudioBatch batch, int level) => _levels[level].Forward(Upload(batch), null, out _).ToArray<float>();

    /// <inheritdoc/>
    public IReadOnlyList<NamedState> SaveState() => [.. _levels.SelectMany((level, index) => level.Codebook.SaveState(index))];

    /// <inheritdoc/>
    public void LoadState(WeightFile file)
    {
        for (int level = 0; level < _levels.Length; level++)
        {
            _levels[level].Codebook.LoadState(file, level);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (VqVaeLevel level in _levels)
        {
            level.Dispose();
        }

        _loss.Dispose();
        _scratch.Dispose();
        Parameters.Dispose();
    }

    private static bool IsCodebook(TensorEntry entry) => entry.Name.StartsWith("bottleneck.", StringComparison.Ordinal);

    private Tensor Upload(AudioBatch batch)
    {
        if (batch.Length != _training.WindowLength || batch.Count > _training.BatchSize)
        {
            throw new ArgumentException(
                $"{batch.Count} windows of {batch.Length} samples; this run takes at most {_training.BatchSize} of {_training.WindowLength}");
        }

        Tensor samples = _samples.Prefix(batch.Count, batch.Length, 1);
        samples.Upload<float>(batch.Samples);
        return samples;
    }

    /// <summary>Every level from the top down: forward, and backward where <paramref name="learn"/>.</summary>
    private Dictionary<string, double> Run(AudioBatch batch, Func<int, RowDraws?> drawsOf, bool learn)
    {
        Tensor samples = Upload(batch), gradient = _gradient.Prefix(batch.Count, batch.Length, 1);
        bool everything = !learn || _training.MeasureEverything;
        var metrics = new VqVaeMetrics(_training.Weights);
        for (int level = _levels.Length - 1; level >= 0; level--)
        {
            Tensor y = _levels[level].Forward(samples, drawsOf(level), out CodebookUse? use);
            ReconstructionTerms terms = _loss.Compute(Signals(samples), Signals(y), everything, learn ? Signals(gradient) : null);
            metrics.Add(level, terms, _levels[level], use);
            if (learn)
            {
                _levels[level].Backward(gradient, _training.Weights.Commit);
            }
        }

        return metrics.ToDictionary();
    }

    /// <summary>(N, T, 1) as (N, T).</summary>
    private static Tensor Signals(Tensor audio) => audio.Reshape(audio.Shape[0], audio.Shape[1]);
}
