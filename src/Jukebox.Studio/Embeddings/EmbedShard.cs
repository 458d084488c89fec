using System.Globalization;

namespace Jukebox.Studio.Embeddings;

/// <summary>A part of the inputs, for one of several machines: every N-th, from the I-th on.</summary>
/// <param name="Index">I, from 1.</param>
/// <param name="Count">N.</param>
public sealed record EmbedShard(int Index, int Count)
{
    private const int Most = 1 << 20;
    private const string Slurm = "SLURM_ARRAY_TASK_ID", Pbs = "PBS_ARRAY_INDEX", Kubernetes = "JOB_COMPLETION_INDEX";

    /// <summary>Everything.</summary>
    public static EmbedShard Whole { get; } = new(1, 1);

    /// <summary>Reads <c>I/N</c>, or <c>auto</c>: what the scheduler that started this process says in its environment.</summary>
    /// <param name="text">The text; none for everything.</param>
    /// <param name="count">How many shards there are, where the scheduler does not say that.</param>
    /// <param name="environment">A variable of the environment.</param>
    /// <exception cref="StudioException">It is neither, no scheduler is there, or what it says leaves open which part this is.</exception>
    public static EmbedShard Parse(string? text, int? count, Func<string, string?> environment)
    {
        switch (text)
        {
            case null:
                return count is null ? Whole : throw new StudioException(
                    $"--shards {count} says how many parts there are, and not which this is; give --shard I/{count}, or --shard auto with it.");
            case "auto":
                return OfScheduler(count, environment);
        }

        string[] parts = text.Split('/');
        if (parts.Length != 2 || Number(parts[0]) is not { } index || Number(parts[1]) is not { } of || index < 1 || index > of || of > Most)
        {
            throw new StudioException($"--shard {text}: give it as I/N with 1 ≤ I ≤ N, 3/16 say, or auto.");
        }

        return count is null || count == of
            ? new EmbedShard(index, of)
            : throw new StudioException($"--shard {text} and --shards {count} contradict each other; leave --shards out.");
    }

    /// <summary>The inputs of this part.</summary>
    public IEnumerable<T> Of<T>(IEnumerable<T> all) => all.Where((_, i) => i % Count == Index - 1);

    private static EmbedShard OfScheduler(int? count, Func<string, string?> environment)
    {
        string[] set = [.. new[] { Slurm, Pbs, Kubernetes }.Where(name => environment(name) is { Length: > 0 })];
        return set switch
        {
            [Slurm] => OfSlurm(count, name => Variable(name, environment)),
            [Pbs] => Require(Variable(Pbs, environment)!.Value, Needed(count, Pbs), $"{Pbs}, which counts from 1 here (-J 1-16),"),
            [Kubernetes] => Require(Variable(Kubernetes, environment)!.Value + 1L, Needed(count, Kubernetes), Kubernetes),
            [] => throw new StudioException($"--shard auto: neither {Slurm}, {Pbs} nor {Kubernetes} is set; give --shard I/N."),
            _ => throw new StudioException(
                $"--shard auto: {string.Join(" and ", set)} are set, so more than one scheduler says which part this is; give --shard I/N."),
        };
    }

    /// <summary>
    /// Slurm numbers tasks from MIN to MAX in steps, and tells a task only of what was submitted with it: of an array that was submitted again in part
    /// it cannot be known which part of the inputs a task had before, so no such number is taken.
    /// </summary>
    private static EmbedShard OfSlurm(int? count, Func<string, int?> variable)
    {
        int task = variable(Slurm)!.Value, step = variable("SLURM_ARRAY_TASK_STEP") ?? 1;
        if (variable("SLURM_ARRAY_TASK_MIN") is not { } least || variable("SLURM_ARRAY_TASK_COUNT") is not { } tasks)
        {
            throw new StudioException(
                $"--shard auto: {Slurm} is set without SLURM_ARRAY_TASK_MIN and SLURM_ARRAY_TASK_COUNT, so nothing says of how many parts this is one; "
                + "give --shard I/N.");
        }

        int most = variable("SLURM_ARRAY_TASK_MAX") ?? task;
        if (tasks == 1 && least == task && most == task)
        {
            return count == 1 ? Whole : throw new StudioException(
                $"--shard auto: this Slurm array has one task, {task}, which would take everything. To repeat one part of several, submit the whole array again "
                + $"(what is done is passed over), or give the part: --shard {task + 1L}/{Math.Max(task + 1L, 4)} if the array was 0-{Math.Max(task, 3)}. For everything, leave --shard out.");
        }

        bool isRow = step >= 1 && task >= least && most >= task && (task - least) % step == 0
            && (variable("SLURM_ARRAY_TASK_MAX") is null || tasks == (((long)most - least) / step) + 1);
        if (!isRow)
        {
            throw new StudioException(
                "--shard auto: the tasks of this Slurm array are no regular row (0-15, or 1-31:2); submit the whole array (what is done is passed over), "
                + "or give --shard I/N.");
        }

        return count is null || count == tasks
            ? Require((((long)task - least) / step) + 1, tasks, Slurm)
            : throw new StudioException(
                $"--shards {count}: this Slurm array has {tasks} tasks; leave --shards out, and submit as many tasks as there are to be parts "
                + "(what is done is passed over).");
    }

    private static int? Variable(string name, Func<string, string?> environment) => environment(name) is { Length: > 0 } text
        ? Number(text) ?? throw new StudioException($"--shard auto: {name} is '{text}', not a whole number; give --shard I/N.")
        : null;

    private static int Needed(int? count, string variable) => count
        ?? throw new StudioException($"--shard auto: {variable} says which shard this is, and nothing says of how many; give --shards N, as many as the job has.");

    private static EmbedShard Require(long index, int count, string variable) =>
        count > Most ? throw new StudioException($"--shard auto: {count} parts are more than {Most}; give --shard I/N.")
        : index >= 1 && index <= count ? new EmbedShard((int)index, count)
        : throw new StudioException($"--shard auto: {variable} makes this shard {index} of {count}, which there is not; give --shard I/N.");

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;
}
