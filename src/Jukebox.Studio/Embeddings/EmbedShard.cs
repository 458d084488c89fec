using System.Globalization;

namespace Jukebox.Studio.Embeddings;

/// <summary>A part of the inputs, for one of several machines: every N-th, from the I-th on.</summary>
/// <param name="Index">I, from 1.</param>
/// <param name="Count">N.</param>
public sealed record EmbedShard(int Index, int Count)
{
    private const int Most = 1 << 20;

    /// <summary>Everything.</summary>
    public static EmbedShard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>I/N</c>, or <c>auto</c>: what the scheduler that started this process says in its environment.</summary>
    /// <param name="text">The text.</param>
    /// <param name="count">How many shards there are, where the scheduler does not say that.</param>
    /// <param name="environment">A variable of the environment.</param>
    /// <exception cref="StudioException">It is neither, or no scheduler is there.</exception>
    public static EmbedShard Parse(string text, int? count, Func<string, string?> environment)
    {
        if (text == "auto")
        {
            return OfScheduler(count, environment);
        }

        string[] parts = text.Split('/');
        return parts.Length == 2 && Number(parts[0]) is { } index && Number(parts[1]) is { } of && index >= 1 && index <= of && of <= Most
            ? new EmbedShard(index, of)
            : throw new StudioException($"--shard {text}: give it as I/N with 1 ≤ I ≤ N, 3/16 say, or auto.");
    }

    /// <summary>The inputs of this part.</summary>
    public IEnumerable<T> Of<T>(IEnumerable<T> all) => all.Where((_, i) => i % Count == Index - 1);

    private static EmbedShard OfScheduler(int? count, Func<string, string?> environment)
    {
        int? Variable(string name) => environment(name) is { Length: > 0 } text
            ? Number(text) ?? throw new StudioException($"--shard auto: {name} is '{text}', not a whole number; give --shard I/N.")
            : null;

        // Slurm: tasks are numbered from MIN to MAX in steps.
        if (Variable("SLURM_ARRAY_TASK_ID") is { } task)
        {
            int least = Variable("SLURM_ARRAY_TASK_MIN") ?? 0, most = Variable("SLURM_ARRAY_TASK_MAX") ?? task, step = Math.Max(1, Variable("SLURM_ARRAY_TASK_STEP") ?? 1);
            int tasks = Variable("SLURM_ARRAY_TASK_COUNT") ?? (((most - least) / step) + 1);
            return (task - least) % step == 0 && tasks == ((most - least) / step) + 1
                ? Require(((task - least) / step) + 1, tasks, count, "SLURM_ARRAY_TASK_ID")
                : count is { } shards && task >= 0 ? Require(task - least + 1, shards, null, "SLURM_ARRAY_TASK_ID")
                : throw new StudioException("--shard auto: the tasks of this Slurm array are no regular row (--array 0-15, or 1-31:2); give --shard I/N.");
        }

        return Variable("PBS_ARRAY_INDEX") is { } index ? Require(index, Needed(count, "PBS_ARRAY_INDEX"), null, "PBS_ARRAY_INDEX, which counts from 1 here (-J 1-16),")
            : Variable("JOB_COMPLETION_INDEX") is { } completion ? Require(completion + 1, Needed(count, "JOB_COMPLETION_INDEX"), null, "JOB_COMPLETION_INDEX")
            : throw new StudioException("--shard auto: neither SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX nor JOB_COMPLETION_INDEX is set; give --shard I/N.");
    }

    private static int Needed(int? count, string variable) => count
        ?? throw new StudioException($"--shard auto: {variable} says which shard this is, and nothing says of how many; give --shards N, as many as the job has.");

    private static EmbedShard Require(int index, int count, int? given, string variable) =>
        given is { } other && other != count ? throw new StudioException($"--shards {given}: the scheduler has {count}; leave --shards out, or give that.")
        : index >= 1 && index <= count ? new EmbedShard(index, count)
        : throw new StudioException($"--shard auto: {variable} makes this shard {index} of {count}, which there is not; give --shard I/N.");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
