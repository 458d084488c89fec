using System.Globalization;
using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Jukebox.Training.Modules;
using Jukebox.Training.VqVaes;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>One training forward and backward pass of the original VQ-VAE: loss, metrics, every gradient, the codebooks after.</summary>
public sealed class VqVaeTrainStepTests
{
    private const string FileName = "train_step.safetensors";

    private const double Tolerance = Tolerances.GoldenGradients;

    public static TheoryData<string> Cases => GoldenDirectory.Cases("vqvae_");

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void LossMetricsGradientsAndCodebooksMatch(string caseName)
    {
        using WeightFile expected = WeightFile.Open(GoldenDirectory.Require(caseName, FileName));
        using WeightFile io = WeightFile.Open(GoldenDirectory.Require(caseName, "io.safetensors"));
        using JsonDocument hps = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(caseName, "hps.json")));
        string folder = GoldenModels.Folder(caseName);
        VqVaeSpec spec = ModelDescription.Read(folder).VqVae;
        using WeightFile weights = WeightFile.Open(Path.Combine(folder, ModelDescription.VqVaeFileName));
        using var backend = (ITrainingBackend)TestBackends.OpenForModels();
        using var trainee = new VqVaeTrainee(backend, spec, TrainingOf(hps.RootElement, expected, io["x"].Shape, spec.Levels));
        trainee.Parameters.Load(weights);
        for (int level = 0; level < spec.Levels; level++)
        {
            trainee.CodebookOf(level).Restore(weights[VqVaeTensorNames.CodebookOf(level)].ReadSingles(), 1);
        }

        IReadOnlyDictionary<string, double> metrics = trainee.ComputeGradients(new AudioBatch(io["x"].ReadSingles(), io["x"].Shape[0]), 0);

        CheckMetrics(expected, metrics);
        CheckGradients(expected, trainee);
        CheckCodebooks(expected, trainee);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void ALevelLearnsAloneWhatItLearnsBesideOthers(string caseName)
    {
        using WeightFile io = WeightFile.Open(GoldenDirectory.Require(caseName, "io.safetensors"));
        using WeightFile expected = WeightFile.Open(GoldenDirectory.Require(caseName, FileName));
        using JsonDocument hps = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(caseName, "hps.json")));
        string folder = GoldenModels.Folder(caseName);
        VqVaeSpec spec = ModelDescription.Read(folder).VqVae;
        using WeightFile weights = WeightFile.Open(Path.Combine(folder, ModelDescription.VqVaeFileName));
        using var backend = (ITrainingBackend)TestBackends.OpenForModels();
        VqVaeTrainingSpec training = TrainingOf(hps.RootElement, expected, io["x"].Shape, spec.Levels);
        using var all = new VqVaeTrainee(backend, spec, training);
        all.Load(weights);
        var batch = new AudioBatch(io["x"].ReadSingles(), io["x"].Shape[0]);
        all.ComputeGradients(batch, 0);
        for (int level = 0; level < spec.Levels; level++)
        {
            using var alone = new VqVaeTrainee(backend, spec, training with { Levels = [level] });
            alone.Load(weights);
            IReadOnlyDictionary<string, double> metrics = alone.ComputeGradients(batch, 0);

            Assert.Equal(metrics["recons_loss"], metrics[$"recons_loss_l{level + 1}"]);
            Assert.NotEmpty(alone.Parameters.Entries);
            Assert.All(alone.Parameters.Entries, entry => Assert.Equal(all.Parameters.Gradient(entry.Name).ToArray<float>(), alone.Parameters.Gradient(entry.Name).ToArray<float>()));
            foreach (TensorEntry entry in TensorTable.Of(spec))
            {
                bool isLearning = VqVaeTensorNames.LevelOf(entry.Name) == level;
                Assert.Equal(isLearning ? all.ValueOf(entry) : weights[entry.Name].ReadSingles(), alone.ValueOf(entry));
            }
        }
    }

    private static void CheckMetrics(WeightFile expected, IReadOnlyDictionary<string, double> metrics)
    {
        Assert.Equal(expected["loss"].ReadSingles()[0], metrics["loss"], Tolerance * Math.Abs(metrics["loss"]));
        foreach (string name in expected.Tensors.Keys.Where(name => name.StartsWith("metric.", StringComparison.Ordinal)))
        {
            double value = expected[name].ReadSingles()[0], actual = metrics[name["metric.".Length..]];
            Assert.True(Math.Abs(value - actual) <= Tolerance * Math.Abs(value), $"{name} is {actual}, the reference has {value}");
        }
    }

    private static void CheckGradients(WeightFile expected, VqVaeTrainee trainee)
    {
        TensorEntry[] entries = [.. trainee.Parameters.Entries];
        Assert.Equal(expected.Tensors.Keys.Count(name => name.StartsWith("grad.", StringComparison.Ordinal)), entries.Length);
        foreach (TensorEntry entry in entries)
        {
            float[] reference = CheckpointLayout.ToStored(entry, expected[$"grad.{entry.Name}"].ReadSingles());
            CheckpointLayout.Check(entry.Name, reference, trainee.Parameters.Gradient(entry.Name).ToArray<float>(), Tolerance);
        }
    }

    private static void CheckCodebooks(WeightFile expected, VqVaeTrainee trainee)
    {
        foreach (NamedState state in trainee.SaveState().Where(state => !state.Name.EndsWith("initialised", StringComparison.Ordinal)))
        {
            string[] parts = state.Name.Split('.');
            float[] reference = expected[$"after.{parts[2]}_{parts[1]}"].ReadSingles();
            CheckpointLayout.Check(state.Name, reference, state.Values, Tolerance);
        }
    }

    private static VqVaeTrainingSpec TrainingOf(JsonElement hps, WeightFile expected, Shape x, int levels)
    {
        double threshold = Number(expected, "threshold");
        return new VqVaeTrainingSpec
        {
            BatchSize = x[0],
            WindowLength = x[1],
            Weights = WeightsOf(hps),
            Bandwidths = new Bandwidths(Number(expected, "bandwidth_l1"), Number(expected, "bandwidth_l2"), Number(expected, "bandwidth_spec")),
            CodebookKeep = hps.GetProperty("l_mu").GetDouble(),
            RevivalThresholds = [.. Enumerable.Repeat(threshold, levels)],
            MeasureEverything = true,
        };
    }

    private static ReconstructionWeights WeightsOf(JsonElement hps)
    {
        string function = hps.GetProperty("loss_fn").GetString()!;
        double Weight(string name) => function == "lmix" ? hps.GetProperty($"lmix_{name}").GetDouble() : function == name ? 1 : 0;
        return new ReconstructionWeights
        {
            Absolute = Weight("l1"),
            Square = Weight("l2"),
            Largest = Weight("linf"),
            LargestCount = hps.GetProperty("linf_k").GetInt32(),
            Spectral = hps.GetProperty("spectral").GetDouble(),
            Multispectral = hps.GetProperty("multispectral").GetDouble(),
            Commit = hps.GetProperty("commit").GetDouble(),
        };
    }

    private static double Number(WeightFile file, string key) => double.Parse(file.Metadata[key], CultureInfo.InvariantCulture);
}
