using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Studio.Devices;

namespace Jukebox.Studio.Bench;

/// <summary>What must hold before a level is measured.</summary>
internal static class BenchChecks
{
    /// <summary>The priors that are measured, the coarsest first.</summary>
    /// <exception cref="UsageException">There are none.</exception>
    public static PriorSpec[] PriorsOf(ModelDescription model, int? onlyLevel)
    {
        PriorSpec[] priors = [.. model.Priors.Where(prior => onlyLevel is null || prior.Level == onlyLevel).OrderByDescending(prior => prior.Level)];
        return priors.Length > 0 ? priors
            : model.Priors.Length == 0 ? throw new UsageException($"The model '{model.Name}' has no priors to measure.")
            : throw new UsageException($"--level {onlyLevel}: the model has priors for levels {string.Join(", ", model.Priors.Select(prior => prior.Level))}.");
    }

    /// <summary>Refuses a level that does not fit into memory.</summary>
    /// <exception cref="StudioException">It does not.</exception>
    public static void RequireMemory(IBackend backend, PriorSpec prior, long neededBytes, MachineResources limits, string mend)
    {
        long available = limits.Of(backend).AvailableMemoryBytes();
        if (neededBytes > available)
        {
            throw Shortage.OfMemory($"level {prior.Level} needs", neededBytes, available, mend);
        }
    }
}
