using System.Globalization;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Training.Modules;
using Jukebox.Training.Settings;

namespace Jukebox.Training.Runs;

/// <summary>Memory that a run cannot do without, known before it is taken.</summary>
public static class TrainingMemory
{
    // Value, gradient, two moments, average.
    private const int BytesPerParameter = 5 * sizeof(float);
    private const double Gigabyte = 1e9;

    // Parameters lie in one tensor, which 32 bits count.
    private const long MostParameters = int.MaxValue - 1024;

    /// <summary>Bytes of what there is of every parameter; activations come on top.</summary>
    public static long LeastBytes(TrainingSettings settings)
    {
        IReadOnlyList<TensorEntry> table = settings.Kind == TrainingKind.VqVae ? TensorTable.Of(settings.VqVae!) : TensorTable.Of(settings.Prior!, settings.VqVae!);
        return ParameterBytes(table);
    }

    /// <summary>Bytes of everything that is held of every parameter of a table.</summary>
    public static long ParameterBytes(IEnumerable<TensorEntry> table) => BytesPerParameter * table.Sum(entry => entry.StoredShape.LengthElements);

    /// <summary>
    /// Refuses what cannot fit with its activations. They are allocated to be counted, and but for a few that begin at zero not
    /// touched, so that they take next to no memory yet; the parameters, which <see cref="Require"/> has found to fit, are.
    /// </summary>
    /// <param name="settings">Settings.</param>
    /// <param name="availableBytes">Memory that the machine has to spare.</param>
    /// <param name="allocate">Makes the model that is to be trained.</param>
    /// <exception cref="TrainingException">It cannot; the message has both numbers.</exception>
    public static void RequireActivations<TBatch>(TrainingSettings settings, long availableBytes, Func<ITrainee<TBatch>> allocate)
    {
        string? needed = null;
        try
        {
            using ITrainee<TBatch> trial = allocate();
            long bytes = ParameterBytes(trial.Parameters.Entries) + trial.ActivationBytes;
            needed = bytes <= availableBytes ? null : string.Create(CultureInfo.InvariantCulture, $"{bytes / Gigabyte:0.0} GB");
        }
        catch (DeviceException)
        {
            needed = "more than that";
        }

        if (needed is not null)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"Not enough memory: {availableBytes / Gigabyte:0.0} GB are available, and training {settings.Name} on {settings.BatchSize} windows at once needs {needed}; use a smaller --batch, shorter windows or a smaller shape{(settings.Kind == TrainingKind.Prior && !settings.RecomputeActivations ? ", or set recompute_activations" : "")}."));
        }
    }

    /// <summary>Refuses what cannot fit even without activations.</summary>
    /// <exception cref="TrainingException">It cannot; the message has both numbers.</exception>
    public static void Require(TrainingSettings settings, long availableBytes)
    {
        long needed = LeastBytes(settings);
        if (needed > availableBytes)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"Not enough memory: training {settings.Name} needs {needed / Gigabyte:0.0} GB for its parameters alone, "
                + $"and {availableBytes / Gigabyte:0.0} GB are available; choose a smaller preset or shape."));
        }

        if (needed / BytesPerParameter > MostParameters)
        {
            throw new TrainingException(string.Create(
                CultureInfo.InvariantCulture,
                $"{settings.Name} has {needed / BytesPerParameter / 1e9:0.0} billion parameters, "
                + $"and at most {MostParameters / 1e9:0.0} billion can be trained; choose a smaller preset or shape."));
        }
    }
}
