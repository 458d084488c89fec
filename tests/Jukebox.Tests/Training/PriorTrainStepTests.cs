using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Jukebox.Training.Priors;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>One forward and backward pass of every <c>prior_*</c> case against the original implementation.</summary>
public sealed class PriorTrainStepTests : IDisposable
{
    private readonly ITrainingBackend _backend = TestBackends.OpenForTraining();

    public static TheoryData<string> Cases => GoldenDirectory.Cases("prior_");

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void LossAndEveryGradientMatch(string name)
    {
        using WeightFile step = WeightFile.Open(GoldenDirectory.Require(name, "train_step.safetensors"));
        using WeightFile io = WeightFile.Open(GoldenDirectory.Require(name, "io.safetensors"));
        using JsonDocument hps = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(name, "hps.json")));
        using ModelFolder model = ModelFolder.Open(GoldenModels.Folder(name));
        ModelDescription description = model.Description;
        PriorSpec spec = description.Priors[0];
        PriorBatch batch = BatchOf(io, spec);
        using var trainee = new PriorTrainee(_backend, spec, description.VqVae, description.SampleRateHz, new PriorTraineeOptions
        {
            BatchSize = batch.Codes.Length,
            LyricsLossFraction = hps.RootElement.GetProperty("prime_loss_fraction").GetDouble(),
        });
        using WeightFile weights = model.OpenPrior(spec.Level);
        trainee.Parameters.Load(weights);

        IReadOnlyDictionary<string, double> metrics = trainee.ComputeGradients(batch, 0);

        Closeness.CheckRelative($"{name}: loss", step["loss"].ReadSingles(), [(float)metrics["loss"]], Tolerances.GoldenGradients);
        Closeness.CheckRelative($"{name}: gen_loss", io["gen_loss"].ReadSingles(), [(float)metrics["gen_loss"]], Tolerances.GoldenGradients);
        Closeness.CheckRelative($"{name}: prime_loss", io["prime_loss"].ReadSingles(), [(float)metrics["prime_loss"]], Tolerances.GoldenGradients);
        Dictionary<string, StoredTensor> expected = CheckpointLayout.Named(step, "grad.");
        Assert.Equal(expected.Keys.Order(), trainee.Parameters.Entries.Select(entry => entry.Name).Order());
        foreach (TensorEntry entry in trainee.Parameters.Entries)
        {
            Closeness.CheckRelative(
                $"{name}: gradient of {entry.Name}", CheckpointLayout.ToStored(entry, expected[entry.Name].ReadSingles()),
                trainee.Parameters.Gradient(entry.Name).ToArray<float>(), Tolerances.GoldenGradients);
        }
    }

    public void Dispose() => _backend.Dispose();

    private static PriorBatch BatchOf(WeightFile io, PriorSpec spec) => new()
    {
        Codes = Codes(io, "z"),
        UpperCodes = spec.UpperCodes is null ? null : Codes(io, "z_cond"),
        Labels = spec.Labels is null ? [] : Rows(io, "y"),
    };

    private static int[][] Codes(WeightFile io, string name) => Array.ConvertAll(Rows(io, name), row => Array.ConvertAll(row, code => checked((int)code)));

    private static long[][] Rows(WeightFile io, string name) => [.. io[name].Read<long>().Chunk(io[name].Shape[-1])];
}
