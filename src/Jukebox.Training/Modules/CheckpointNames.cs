using System.Globalization;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Training.Optimisation;

namespace Jukebox.Training.Modules;

/// <summary>How a checkpoint names what it holds: a parameter's value under its own name, the rest of it under a prefix.</summary>
internal static class CheckpointNames
{
    /// <summary>Before the name of a parameter's moving average.</summary>
    public const string AveragePrefix = "average.";

    /// <summary>Before the name of a tensor that does not learn.</summary>
    public const string FrozenPrefix = "frozen.";

    /// <summary>Key of the number of steps in the metadata.</summary>
    public const string StepKey = "step";

    /// <summary>Key of the number of steps in which the optimiser moved the parameters.</summary>
    public const string UpdatesKey = "updates";

    /// <summary>Key of what tells the recordings that it was trained on from others.</summary>
    public const string DataKey = "data";

    /// <summary>What there is of each parameter, and where it lies.</summary>
    public static IEnumerable<(string Prefix, Tensor Flat)> Of(ParameterSet parameters) =>
    [
        ("", parameters.Values),
        ("first_moment.", parameters.FirstMoments),
        ("second_moment.", parameters.SecondMoments),
        (AveragePrefix, parameters.Averages),
    ];

    /// <summary>A number that a checkpoint has in its metadata.</summary>
    /// <exception cref="DamagedFileException">It has none.</exception>
    public static long NumberOf(WeightFile checkpoint, string key) =>
        checkpoint.Metadata.TryGetValue(key, out string? text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new DamagedFileException(checkpoint.Path, -1, $"its metadata has no number '{key}'", "resume from an earlier checkpoint");
}
