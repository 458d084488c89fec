using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>Several optimiser steps of every <c>training_*</c> case against the original implementation.</summary>
public sealed class PriorTrainingTests : IDisposable
{
    private readonly ITrainingBackend _backend = TestBackends.OpenForTraining();

    public static TheoryData<string> Cases => GoldenDirectory.Cases("training_");

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void LossesNormsRatesWeightsAndAveragesMatch(string name)
    {
        using var golden = new TrainingPriorCase(name);
        ModelDescription description = golden.Description;
        using var trainee = new PriorTrainee(_backend, golden.Spec, description.VqVae, description.SampleRateHz, new PriorTraineeOptions
        {
            BatchSize = golden.BatchSize,
            LyricsLossFraction = golden.LyricsLossFraction,
        });
        using WeightFile initial = golden.OpenInitial();
        trainee.Parameters.Load(initial);
        trainee.Parameters.ResetAverages();
        var optimizer = new Optimizer(_backend, trainee.Parameters, golden.Optimizer);
        LearningRateSchedule schedule = golden.Schedule;

        var losses = new List<float>();
        var norms = new List<float>();
        for (int step = 0; step < golden.StepCount; step++)
        {
            double loss = trainee.ComputeGradients(golden.Batch(step), step)["loss"];
            OptimizerStep result = optimizer.Step(schedule.At(step), loss);
            Assert.True(result.Taken);
            losses.Add((float)loss);
            norms.Add((float)result.GradientNorm);
        }

        Closeness.CheckRelative($"{name}: loss", golden.PerStep("loss"), [.. losses], Tolerances.GoldenGradients);
        Closeness.CheckRelative($"{name}: grad_norm", golden.PerStep("grad_norm"), [.. norms], Tolerances.GoldenGradients);
        float[] rates = [.. Enumerable.Range(0, golden.StepCount).Select(step => (float)schedule.At(step))];
        Closeness.CheckRelative($"{name}: lr", golden.PerStep("lr"), rates, Tolerances.GoldenGradients);
        Check(name, "ema", golden, trainee.Parameters, trainee.Parameters.Averages);
        if (golden.HasSwapped)
        {
            trainee.Parameters.SwapAverages();
        }

        Check(name, "after", golden, trainee.Parameters, trainee.Parameters.Values);
    }

    public void Dispose() => _backend.Dispose();

    private static void Check(string name, string prefix, TrainingPriorCase golden, ParameterSet parameters, Tensor flat)
    {
        Dictionary<string, StoredTensor> expected = golden.Tensors($"{prefix}.");
        Assert.Equal(expected.Keys.Order(), parameters.Entries.Select(entry => entry.Name).Order());
        float farthest = golden.PerStep("lr").Sum();
        foreach (TensorEntry entry in parameters.Entries)
        {
            float[] reference = CheckpointLayout.ToStored(entry, expected[entry.Name].ReadSingles()), actual = parameters.Within(flat, entry.Name).ToArray<float>();
            foreach (int i in KeyBiases(golden.Spec, entry.Name))
            {
                Assert.True(Math.Abs(actual[i] - reference[i]) < farthest, $"{name}: {prefix}.{entry.Name}[{i}] went farther than five steps take it");
                actual[i] = reference[i];
            }

            Closeness.CheckRelative($"{name}: {prefix}.{entry.Name}", reference, actual, Tolerances.GoldenGradients);
        }
    }

    /// <summary>
    /// Elements whose gradient is zero, and in practice a rounding that Adam makes a whole step of: what is added to all keys
    /// alike adds the same to every score of a query, which the softmax does not see, unless there are zero keys beside them.
    /// </summary>
    private static IEnumerable<int> KeyBiases(PriorSpec spec, string name)
    {
        string[] parts = name.Split('.');
        int layer = Array.IndexOf(parts, "_attn_mods") + 1;
        if (layer == 0 || parts[^1] != "b" || parts[^2] is not ("c_attn" or "c_enc_kv"))
        {
            return [];
        }

        TransformerSpec stack = parts[0] == "prime_prior" ? spec.LyricsEncoder! : spec.Transformer;
        AttentionKind kind = stack.KindAt(int.Parse(parts[layer], CultureInfo.InvariantCulture));
        return (kind, parts[^2]) switch
        {
            (AttentionKind.Summary or AttentionKind.SummarySpread, _) or (AttentionKind.LyricsCross, "c_attn") => [],
            (_, "c_enc_kv") => Enumerable.Range(0, stack.StateWidth),
            _ => Enumerable.Range(stack.StateWidth, stack.StateWidth),
        };
    }
}
