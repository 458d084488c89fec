using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using Jukebox.Conversion;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Tests.Conversion;
using Jukebox.Testing.Golden;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;

namespace Jukebox.Tests.Training;

/// <summary>One <c>training_*</c> directory of a prior: where it began, what it learnt from, and what the reference's steps made of it.</summary>
public sealed class TrainingPriorCase : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WeightFile _steps;
    private readonly ModelFolder _model;

    /// <summary>Makes a model folder of the initial weights.</summary>
    public TrainingPriorCase(string name)
    {
        _steps = WeightFile.Open(GoldenDirectory.Require(name, "train_steps.safetensors"));
        using JsonDocument hps = JsonDocument.Parse(File.ReadAllBytes(GoldenDirectory.Require(name, "hps.json")));
        LyricsLossFraction = hps.RootElement.GetProperty("prime_loss_fraction").GetDouble();
        WriteCheckpoint(hps.RootElement, _folder["prior.pth.tar"]);
        ModelConverter.Run(new ConversionRequest { Sources = [_folder["prior.pth.tar"]], Output = _folder["model"] });
        _model = ModelFolder.Open(_folder["model"]);
    }

    /// <summary>The prior's description, and its VQ-VAE's as far as that matters.</summary>
    public ModelDescription Description => _model.Description;

    /// <summary>The prior.</summary>
    public PriorSpec Spec => Description.Priors[0];

    /// <summary>Weight of the lyrics in the total loss.</summary>
    public double LyricsLossFraction { get; }

    /// <summary>Number of steps.</summary>
    public int StepCount => int.Parse(_steps.Metadata["steps"], CultureInfo.InvariantCulture);

    /// <summary>Items of a batch.</summary>
    public int BatchSize => _steps["y"].Shape[0];

    /// <summary>The reference's settings.</summary>
    public OptimizerOptions Optimizer => new()
    {
        FirstDecay = Setting("beta1"),
        SecondDecay = Setting("beta2"),
        Epsilon = Setting("eps"),
        WeightDecay = Setting("weight_decay"),
        ClipNorm = Setting("clip"),
        AverageDecay = Setting("ema_mu"),
    };

    /// <summary>The reference's learning rates.</summary>
    public LearningRateSchedule Schedule => new()
    {
        BaseRate = Setting("lr"),
        WarmupSteps = Setting("lr_warmup"),
        DecaySteps = Setting("lr_decay"),
        IsLinear = bool.Parse(_steps.Metadata["lr_use_linear_decay"]),
        LinearStartStep = Setting("lr_start_linear_decay"),
    };

    /// <summary>Whether the reference had exchanged weights and averages before it wrote <c>after.</c>, as it does for a checkpoint: then both are the averages.</summary>
    public bool HasSwapped => Tensors("after.").All(pair => pair.Value.ReadSingles().AsSpan().SequenceEqual(_steps["ema." + pair.Value.Name["after.".Length..]].ReadSingles()));

    /// <summary>The initial weights.</summary>
    public WeightFile OpenInitial() => _model.OpenPrior(Spec.Level);

    /// <summary>What a step learns from.</summary>
    public PriorBatch Batch(int step) => new()
    {
        Codes = Codes($"z_step{step}"),
        UpperCodes = Spec.UpperCodes is null ? null : Codes($"z_cond_step{step}"),
        Labels = Spec.Labels is null ? [] : Rows("y"),
    };

    /// <summary>A number for each step: <c>loss</c>, <c>grad_norm</c>, <c>lr</c>.</summary>
    public float[] PerStep(string name) => _steps[name].ReadSingles();

    /// <summary>Tensors after the last step: <c>after.</c> or <c>ema.</c>.</summary>
    public Dictionary<string, StoredTensor> Tensors(string prefix) => CheckpointLayout.Named(_steps, prefix);

    /// <inheritdoc/>
    public void Dispose()
    {
        _model.Dispose();
        _steps.Dispose();
        _folder.Dispose();
    }

    private double Setting(string name) => double.Parse(_steps.Metadata[name], CultureInfo.InvariantCulture);

    private int[][] Codes(string name) => Array.ConvertAll(Rows(name), row => Array.ConvertAll(row, code => checked((int)code)));

    private long[][] Rows(string name) => [.. _steps[name].Read<long>().Chunk(_steps[name].Shape[-1])];

    /// <summary>A checkpoint as the reference would have saved it before the first step.</summary>
    private void WriteCheckpoint(JsonElement hps, string path)
    {
        var builder = new CheckpointBuilder();
        foreach ((string name, StoredTensor tensor) in CheckpointLayout.Named(_steps, "init."))
        {
            builder.Tensor(name, tensor.ReadSingles(), [.. Enumerable.Range(0, tensor.Shape.Rank).Select(axis => (long)tensor.Shape[axis])]);
        }

        foreach (JsonProperty property in hps.EnumerateObject())
        {
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Null:
                    builder.Hyperparameter(property.Name, null);
                    break;
                case JsonValueKind.True or JsonValueKind.False:
                    builder.Hyperparameter(property.Name, property.Value.GetBoolean());
                    break;
                case JsonValueKind.Number when property.Value.TryGetInt32(out int number):
                    builder.Hyperparameter(property.Name, number);
                    break;
                case JsonValueKind.Number:
                    builder.Hyperparameter(property.Name, PickledReal(property.Value.GetDouble()));
                    break;
                case JsonValueKind.Array:
                    builder.Hyperparameter(property.Name, property.Value.EnumerateArray().Select(item => item.GetInt32()).ToArray());
                    break;
            }
        }

        builder.WriteZip(path);
    }

    private static byte[] PickledReal(double value)
    {
        var instruction = new byte[9];
        instruction[0] = (byte)'G';
        BinaryPrimitives.WriteDoubleBigEndian(instruction.AsSpan(1), value);
        return instruction;
    }
}
