using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Modules;

/// <summary>A model in training: the VQ-VAE, or one prior on a frozen VQ-VAE.</summary>
/// <typeparam name="TBatch">What one step learns from.</typeparam>
public interface ITrainee<in TBatch> : IDisposable
{
    /// <summary>What the optimiser moves.</summary>
    ParameterSet Parameters { get; }

    /// <summary>Bytes of what a step computes with beside the parameters: activations, their gradients, codebooks.</summary>
    long ActivationBytes { get; }

    /// <summary>
    /// Multiplications and additions of one <see cref="ComputeGradients"/> of a full batch: what its time is compared with the
    /// machine's peak by. The losses' transforms and everything that grows only with the rows are left out.
    /// </summary>
    long Operations { get; }

    /// <summary>
    /// One forward and backward pass: adds the gradients of the loss to those of <see cref="Parameters"/>, and makes the
    /// updates that are no gradients (the codebooks').
    /// </summary>
    /// <param name="batch">The examples.</param>
    /// <param name="step">Number of the step, from 0: everything random in it is a function of the run's seed and of this.</param>
    /// <returns>Metrics by name; "loss" is what the gradients are of.</returns>
    IReadOnlyDictionary<string, double> ComputeGradients(TBatch batch, long step);

    /// <summary>The loss and metrics of a batch in evaluation mode; changes nothing.</summary>
    IReadOnlyDictionary<string, double> Evaluate(TBatch batch);

    /// <summary>What a checkpoint must hold beside the parameters and the optimiser's state: host copies, by name.</summary>
    IReadOnlyList<NamedState> SaveState();

    /// <summary>Restores what <see cref="SaveState"/> gave.</summary>
    /// <exception cref="DamagedFileException">Something is missing or misshapen.</exception>
    void LoadState(WeightFile file);
}

/// <summary>One array of a trainee's state.</summary>
public sealed record NamedState(string Name, Shape Shape, float[] Values);
