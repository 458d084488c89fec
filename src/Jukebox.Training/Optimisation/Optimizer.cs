using Jukebox.Core.Contract;

namespace Jukebox.Training.Optimisation;

/// <summary>Constants of an <see cref="Optimizer"/>.</summary>
public sealed record OptimizerOptions
{
    /// <summary>Decay of the first moment (<c>beta1</c>).</summary>
    public double FirstDecay { get; init; } = 0.9;

    /// <summary>Decay of the second moment (<c>beta2</c>).</summary>
    public double SecondDecay { get; init; } = 0.999;

    /// <summary>Added to the root of the uncorrected second moment (<c>eps</c>).</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay, of every parameter (<c>weight_decay</c>).</summary>
    public double WeightDecay { get; init; }

    /// <summary>Gradient norm above which gradients are scaled down to it (<c>clip</c>); 0 for never.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Gradient norm above which a step is skipped (<c>ignore_grad_norm</c>); 0 for never.</summary>
    public double IgnoredNorm { get; init; }

    /// <summary>Decay of the moving average of the weights (<c>mu</c>).</summary>
    public double AverageDecay { get; init; } = 0.999;

    /// <summary>Steps between two updates of the average, each with the decay of all of them (<c>cpu_ema_freq</c>).</summary>
    public int AverageInterval { get; init; } = 1;

    /// <summary>The published decay of the average for a batch size, summed over all machines.</summary>
    public static double AverageDecayOf(int batchSize) => 1 - (batchSize / 8.0 / 1000);
}

/// <summary>What a step did.</summary>
/// <param name="Taken">False where it was skipped: nothing changed but the gradients, which are cleared.</param>
/// <param name="GradientNorm">Of all gradients together, before clipping.</param>
public readonly record struct OptimizerStep(bool Taken, double GradientNorm);

/// <summary>
/// The reference's Adam: ε is added to the root of the <em>uncorrected</em> second moment, both corrections are in the step size,
/// and so the decoupled weight decay has them too. Then the moving average of the weights.
/// </summary>
public sealed class Optimizer(ITrainingBackend backend, ParameterSet parameters, OptimizerOptions options)
{
    /// <summary>Steps taken, which the bias corrections count; a checkpoint restores it together with the moments.</summary>
    public long StepCount { get; set; }

    /// <summary>
    /// Moves the parameters by their gradients, and clears these. Skips where the loss or a gradient is not finite, or the
    /// gradient's norm is beyond the limit.
    /// </summary>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="loss">What the gradients are of.</param>
    public OptimizerStep Step(double learningRate, double loss)
    {
        double norm = Math.Sqrt(backend.SumOfSquares(parameters.Gradients));
        bool taken = double.IsFinite(loss) && double.IsFinite(norm) && !(options.IgnoredNorm > 0 && norm > options.IgnoredNorm);
        if (taken)
        {
            StepCount++;
            backend.AdamStep(parameters.Values, parameters.Gradients, parameters.FirstMoments, parameters.SecondMoments, RuleOf(learningRate, norm));
            if (StepCount % options.AverageInterval == 0)
            {
                backend.Average(parameters.Values, Math.Pow(options.AverageDecay, options.AverageInterval), parameters.Averages);
            }
        }

        parameters.ClearGradients();
        return new OptimizerStep(taken, norm);
    }

    private AdamRule RuleOf(double learningRate, double norm)
    {
        double firstCorrection = 1 - Math.Pow(options.FirstDecay, StepCount), secondCorrection = 1 - Math.Pow(options.SecondDecay, StepCount);
        return new AdamRule(
            options.FirstDecay,
            options.SecondDecay,
            (float)options.Epsilon,
            (float)(learningRate * Math.Sqrt(secondCorrection) / firstCorrection),
            (float)options.WeightDecay,
            options.ClipNorm > 0 ? (float)Math.Max(1, norm / options.ClipNorm) : 1);
    }
}
