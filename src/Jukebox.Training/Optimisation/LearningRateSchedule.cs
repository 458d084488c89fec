namespace Jukebox.Training.Optimisation;

/// <summary>
/// The learning rate of every step, from 0: a warmup from zero, then either steps of exponential decay or, from some step on,
/// a straight line to zero.
/// </summary>
public sealed record LearningRateSchedule
{
    /// <summary>The rate that multipliers apply to (<c>lr</c>).</summary>
    public required double BaseRate { get; init; }

    /// <summary>Constant factor (<c>lr_scale</c>).</summary>
    public double Scale { get; init; } = 1;

    /// <summary>Steps until the full rate; the first step has rate 0 (<c>lr_warmup</c>).</summary>
    public double WarmupSteps { get; init; } = 100;

    /// <summary>Steps between two factors of <see cref="Gamma"/>, or from the start of the line to its end (<c>lr_decay</c>).</summary>
    public double DecaySteps { get; init; } = 1e10;

    /// <summary>Factor of the exponential decay (<c>lr_gamma</c>).</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>Whether the rate falls along a line instead (<c>lr_use_linear_decay</c>).</summary>
    public bool IsLinear { get; init; }

    /// <summary>Step at which the line begins (<c>lr_start_linear_decay</c>).</summary>
    public double LinearStartStep { get; init; }

    /// <summary>The rate of a step.</summary>
    public double At(long step)
    {
        double warmup = WarmupSteps > 0 ? Math.Min(1, step / WarmupSteps) : 1;
        double decay = IsLinear
            ? Math.Max(0, 1 - (Math.Max(0, step - LinearStartStep) / DecaySteps))
            : Math.Pow(Gamma, Math.Floor(step / DecaySteps));
        return BaseRate * Scale * warmup * decay;
    }
}
