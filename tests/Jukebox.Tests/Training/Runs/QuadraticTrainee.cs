using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Training.Batches;
using Jukebox.Training.Modules;
using Jukebox.Training.Optimisation;

namespace Jukebox.Tests.Training.Runs;

/// <summary>
/// The smallest model that has everything a run must keep: ½ Σ (w − target − memory)², the memory following the targets as
/// a codebook would, without gradients.
/// </summary>
internal sealed class QuadraticTrainee : ITrainee<float[]>
{
    public const int Width = 5;

    private readonly float[] _memory = new float[Width];

    public QuadraticTrainee(ITrainingBackend backend)
    {
        Parameters = new ParameterSet(backend, [new TensorEntry("a", new Shape(Width), TensorRole.Plain), new TensorEntry("b", new Shape(Width, 2), TensorRole.Plain)]);
        Parameters.ResetAverages();
    }

    public ParameterSet Parameters { get; }

    public long ActivationBytes => 0;

    public long Operations => Width;

    /// <summary>Called in the middle of every step.</summary>
    public Action<long>? OnStep { get; init; }

    public IReadOnlyDictionary<string, double> ComputeGradients(float[] batch, long step)
    {
        OnStep?.Invoke(step);
        float[] gradient = Parameters.Gradient("a").ToArray<float>();
        double loss = Loss(batch, (i, difference) => gradient[i] += difference);
        Parameters.Gradient("a").Upload<float>(gradient);
        for (int i = 0; i < Width; i++)
        {
            _memory[i] = (0.9f * _memory[i]) + (0.1f * batch[i]);
        }

        return new Dictionary<string, double> { ["loss"] = loss };
    }

    public IReadOnlyDictionary<string, double> Evaluate(float[] batch) => new Dictionary<string, double> { ["loss"] = Loss(batch, (_, _) => { }) };

    public IReadOnlyList<NamedState> SaveState() => [new("memory", new Shape(Width), [.. _memory])];

    public void LoadState(WeightFile file) => file["memory"].ReadSingles().CopyTo(_memory, 0);

    public void Dispose() => Parameters.Dispose();

    private double Loss(float[] batch, Action<int, float> gradient)
    {
        float[] values = Parameters.Value("a").ToArray<float>();
        double loss = 0;
        for (int i = 0; i < Width; i++)
        {
            float difference = values[i] - batch[i] - _memory[i];
            gradient(i, difference);
            loss += difference * difference / 2;
        }

        return loss;
    }
}

/// <summary>Targets that are a function of the step.</summary>
internal sealed class QuadraticSource : IBatchSource<float[]>
{
    public long StepsPerEpoch => 7;

    public double SecondsPerBatch => 1;

    public float[] BatchOf(long step) => [.. Enumerable.Range(0, QuadraticTrainee.Width).Select(i => MathF.Sin((step * 3) + i))];

    public IEnumerable<float[]> Validation() => [BatchOf(-1), BatchOf(-2)];
}
