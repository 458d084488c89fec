namespace Jukebox.Studio.Bench;

/// <summary>What <c>bench --embed</c> tells: activations of a top prior, beside what the machine could do at most.</summary>
public sealed record EmbeddingReport
{
    /// <summary>What computed, for people.</summary>
    public required string Device { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>How matrices are stored.</summary>
    public required string Storage { get; init; }

    /// <summary>The deepest layer: so many blocks were computed.</summary>
    public required int Layers { get; init; }

    /// <summary>Windows, all of them through a block before any goes through the next.</summary>
    public required int Windows { get; init; }

    /// <summary>Tokens of each window.</summary>
    public required int Tokens { get; init; }

    /// <summary>All of it: conditions, blocks, waiting for weights, handing out the deepest layer.</summary>
    public required double Seconds { get; init; }

    /// <summary>For each window.</summary>
    public double SecondsPerWindow => Seconds / Windows;

    /// <summary>For those who count clips.</summary>
    public double WindowsPerMinute => 60 / SecondsPerWindow;

    /// <summary>Multiplications and additions of linear layers and attention.</summary>
    public required double OperationsPerSecond { get; init; }

    /// <summary>Measured in the same run.</summary>
    public required double PeakOperationsPerSecond { get; init; }

    /// <summary>Share of that peak over everything.</summary>
    public double PeakShare => OperationsPerSecond / PeakOperationsPerSecond;

    /// <summary>Weights of the blocks that were read, each once.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>How long reading and looking at them took, most of it while something else was computed.</summary>
    public required double WeightSeconds { get; init; }

    /// <summary>How much of that was waited for.</summary>
    public required double WaitedSeconds { get; init; }

    /// <summary>Most memory that the process has had by the end of it; none where the system does not tell.</summary>
    public required long? PeakMemoryBytes { get; init; }
}
