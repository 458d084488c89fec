using Jukebox.Studio;
using Jukebox.Studio.Embeddings;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>Which part of the inputs a process takes, by what it is told or what its scheduler tells it.</summary>
public sealed class EmbedShardTests
{
    [Fact]
    public void WithoutAPartItIsEverything() => Assert.Equal(new EmbedShard(1, 1), Parse(null));

    [Theory]
    [InlineData("1/1", 1, 1)]
    [InlineData("3/16", 3, 16)]
    [InlineData("16/16", 16, 16)]
    [InlineData("003/016", 3, 16)]
    [InlineData("1048576/1048576", 1 << 20, 1 << 20)]
    public void APartIsGivenAsIOfN(string text, int index, int count)
    {
        Assert.Equal(new EmbedShard(index, count), Parse(text));
        Assert.Equal(new EmbedShard(index, count), Parse(text, count));

        // What was given by hand is not the scheduler's affair.
        Assert.Equal(new EmbedShard(index, count), Parse(text, null, "SLURM_ARRAY_TASK_ID=nonsense"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("0/4")]
    [InlineData("5/4")]
    [InlineData("-1/4")]
    [InlineData("+1/4")]
    [InlineData(" 1/4")]
    [InlineData("1.0/4")]
    [InlineData("1/4/4")]
    [InlineData("/")]
    [InlineData("0/0")]
    [InlineData("1/1048577")]
    [InlineData("1/99999999999")]
    [InlineData("Auto")]
    public void WhatIsNoPartIsRefused(string text) => Refuses($"--shard {text}: give it as I/N with 1 ≤ I ≤ N, 3/16 say, or auto.", text);

    /// <summary>The variables as Slurm 22.05 sets them for what is named.</summary>
    [Theory]
    [InlineData("0-3", "ID=0 MIN=0 MAX=3 STEP=1 COUNT=4", 1, 4)]
    [InlineData("0-3", "ID=3 MIN=0 MAX=3 STEP=1 COUNT=4", 4, 4)]
    [InlineData("1-4%1", "ID=1 MIN=1 MAX=4 STEP=1 COUNT=4", 1, 4)]
    [InlineData("1-4%1", "ID=4 MIN=1 MAX=4 STEP=1 COUNT=4", 4, 4)]
    [InlineData("1-7:2", "ID=1 MIN=1 MAX=7 STEP=2 COUNT=4", 1, 4)]
    [InlineData("1-7:2", "ID=5 MIN=1 MAX=7 STEP=2 COUNT=4", 3, 4)]
    [InlineData("1-7:2", "ID=7 MIN=1 MAX=7 STEP=2 COUNT=4", 4, 4)]
    [InlineData("0-6:4", "ID=4 MIN=0 MAX=4 STEP=4 COUNT=2", 2, 2)]
    [InlineData("0-6:4, MAX as it was asked for", "ID=4 MIN=0 MAX=6 STEP=4 COUNT=2", 2, 2)]
    [InlineData("100-103", "ID=102 MIN=100 MAX=103 STEP=1 COUNT=4", 3, 4)]
    [InlineData("without MAX and STEP", "ID=2 MIN=0 COUNT=4", 3, 4)]
    [InlineData("without MAX", "ID=5 MIN=1 STEP=2 COUNT=4", 3, 4)]
    public void ATaskOfASlurmArrayIsItsPlaceInTheRow(string array, string variables, int index, int count)
    {
        Assert.NotEmpty(array);
        Assert.Equal(new EmbedShard(index, count), Parse("auto", null, Slurm(variables)));
        Assert.Equal(new EmbedShard(index, count), Parse("auto", count, Slurm(variables)));
        Refuses(
            $"--shards {count + 1}: this Slurm array has {count} tasks; leave --shards out, and submit as many tasks as there are to be parts",
            "auto", count + 1, Slurm(variables));
    }

    /// <summary>Slurm tells STEP 1 of a list of tasks, so that a list with gaps shows by its count.</summary>
    [Theory]
    [InlineData("1,3", "ID=1 MIN=1 MAX=3 STEP=1 COUNT=2")]
    [InlineData("0,1,3", "ID=3 MIN=0 MAX=3 STEP=1 COUNT=3")]
    [InlineData("5,2", "ID=2 MIN=2 MAX=5 STEP=1 COUNT=2")]
    [InlineData("between two tasks", "ID=2 MIN=1 MAX=7 STEP=2 COUNT=4")]
    [InlineData("before the first", "ID=0 MIN=1 MAX=4 STEP=1 COUNT=4")]
    [InlineData("after the last", "ID=5 MIN=1 MAX=4 STEP=1 COUNT=4")]
    [InlineData("no steps", "ID=1 MIN=0 MAX=3 STEP=0 COUNT=4")]
    [InlineData("no tasks", "ID=0 MIN=0 MAX=3 STEP=1 COUNT=0")]
    [InlineData("as far as numbers go", "ID=0 MIN=0 MAX=2147483647 STEP=1 COUNT=4")]
    public void ASlurmArrayThatIsNoRowIsRefusedWhateverTheNumberOfParts(string array, string variables)
    {
        Assert.NotEmpty(array);
        foreach (int? count in (int?[])[null, 2, 3, 4])
        {
            Refuses("no regular row (0-15, or 1-31:2); submit the whole array (what is done is passed over), or give --shard I/N", "auto", count, Slurm(variables));
        }
    }

    /// <summary>A task that is submitted alone to repeat one of several looks like all there is.</summary>
    [Theory]
    [InlineData(0, "--shard 1/4 if the array was 0-3")]
    [InlineData(2, "--shard 3/4 if the array was 0-3")]
    [InlineData(7, "--shard 8/8 if the array was 0-7")]
    public void ALoneTaskIsNotSilentlyEverything(int task, string remedy)
    {
        string variables = Slurm($"ID={task} MIN={task} MAX={task} STEP=1 COUNT=1");
        Refuses($"has one task, {task}, which would take everything", "auto", null, variables);
        Refuses(remedy, "auto", null, variables);
        Refuses(remedy, "auto", 4, variables);
        Assert.Equal(EmbedShard.Whole, Parse("auto", 1, variables));
    }

    [Theory]
    [InlineData("ID=2")]
    [InlineData("ID=2 MIN=0 MAX=3")]
    [InlineData("ID=2 COUNT=4 MAX=3")]
    public void SlurmWithoutTheExtentOfItsArrayIsRefused(string variables) =>
        Refuses("so nothing says of how many parts this is one; give --shard I/N", "auto", null, Slurm(variables));

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData(" 1")]
    [InlineData("1.5")]
    [InlineData("4294967294")]
    [InlineData("1/4")]
    public void AVariableThatIsNoNumberIsNamed(string value)
    {
        foreach (string name in (string[])["ID", "MIN", "MAX", "STEP", "COUNT"])
        {
            string others = Slurm(string.Join(' ', new[] { "ID=1", "MIN=0", "MAX=3", "STEP=1", "COUNT=4" }.Where(pair => pair.Split('=')[0] != name)));
            Refuses(
                $"--shard auto: SLURM_ARRAY_TASK_{name} is '{value}', not a whole number; give --shard I/N.", "auto", null, $"{others};SLURM_ARRAY_TASK_{name}={value}");
        }

        Refuses($"PBS_ARRAY_INDEX is '{value}'", "auto", 4, $"PBS_ARRAY_INDEX={value}");
        Refuses($"JOB_COMPLETION_INDEX is '{value}'", "auto", 4, $"JOB_COMPLETION_INDEX={value}");
    }

    [Theory]
    [InlineData("PBS_ARRAY_INDEX=1", 1)]
    [InlineData("PBS_ARRAY_INDEX=16", 16)]
    [InlineData("JOB_COMPLETION_INDEX=0", 1)]
    [InlineData("JOB_COMPLETION_INDEX=15", 16)]
    public void PbsCountsFromOneAndKubernetesFromZero(string variable, int index) => Assert.Equal(new EmbedShard(index, 16), Parse("auto", 16, variable));

    [Theory]
    [InlineData("PBS_ARRAY_INDEX=0", "PBS_ARRAY_INDEX, which counts from 1 here (-J 1-16), makes this shard 0 of 16")]
    [InlineData("PBS_ARRAY_INDEX=17", "makes this shard 17 of 16")]
    [InlineData("JOB_COMPLETION_INDEX=16", "JOB_COMPLETION_INDEX makes this shard 17 of 16")]
    [InlineData("JOB_COMPLETION_INDEX=2147483647", "JOB_COMPLETION_INDEX makes this shard 2147483648 of 16")]
    public void ANumberBeyondThePartsIsRefused(string variable, string said) => Refuses(said, "auto", 16, variable);

    [Theory]
    [InlineData("PBS_ARRAY_INDEX=1")]
    [InlineData("JOB_COMPLETION_INDEX=0")]
    public void ASchedulerThatDoesNotSayHowManyNeedsToBeTold(string variable) =>
        Refuses($"{variable.Split('=')[0]} says which shard this is, and nothing says of how many; give --shards N", "auto", null, variable);

    [Theory]
    [InlineData("")]
    [InlineData("SLURM_ARRAY_TASK_ID=")]
    [InlineData("SLURM_JOB_ID=7;SLURM_ARRAY_TASK_COUNT=4;SLURM_ARRAY_TASK_MIN=0")]
    public void AutoNeedsAScheduler(string variables)
    {
        Refuses("--shard auto: neither SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX nor JOB_COMPLETION_INDEX is set; give --shard I/N.", "auto", null, variables);
        Refuses("neither SLURM_ARRAY_TASK_ID", "auto", 4, variables);
    }

    [Fact]
    public void TwoWhoSayWhichPartThisIsAreRefused()
    {
        string slurm = Slurm("ID=2 MIN=0 MAX=3 STEP=1 COUNT=4");
        Refuses(
            "SLURM_ARRAY_TASK_ID and JOB_COMPLETION_INDEX are set, so more than one scheduler says which part this is; give --shard I/N.",
            "auto", 4, slurm + ";JOB_COMPLETION_INDEX=1");
        Refuses("SLURM_ARRAY_TASK_ID and PBS_ARRAY_INDEX and JOB_COMPLETION_INDEX are set", "auto", 4, slurm + ";JOB_COMPLETION_INDEX=1;PBS_ARRAY_INDEX=1");
        Refuses("--shard 3/4 and --shards 5 contradict each other", "3/4", 5);
        Refuses("--shards 5 says how many parts there are, and not which this is; give --shard I/5, or --shard auto with it.", null, 5);
    }

    [Fact]
    public void MorePartsThanThereMayBeAreRefused() =>
        Refuses("1048577 parts are more than 1048576", "auto", null, Slurm("ID=0 MIN=0 MAX=1048576 STEP=1 COUNT=1048577"));

    /// <summary>Every input in one part, whatever the number.</summary>
    [Fact]
    public void PartsShareNothingAndLeaveNothingOut()
    {
        int[] all = [.. Enumerable.Range(0, 13)];
        for (int count = 1; count <= 15; count++)
        {
            int[][] parts = [.. Enumerable.Range(1, count).Select(index => new EmbedShard(index, count).Of(all).ToArray())];
            Assert.Equal(all, parts.SelectMany(part => part).Order());
            Assert.InRange(parts.Max(part => part.Length) - parts.Min(part => part.Length), 0, 1);
        }

        Assert.Equal([2, 6, 10], new EmbedShard(3, 4).Of(all));
    }

    private static string Slurm(string variables) => string.Join(';', variables.Split(' ').Select(pair => "SLURM_ARRAY_TASK_" + pair));

    private static EmbedShard Parse(string? text, int? count = null, string variables = "")
    {
        Dictionary<string, string> environment = variables.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return EmbedShard.Parse(text, count, environment.GetValueOrDefault);
    }

    private static void Refuses(string said, string? text, int? count = null, string variables = "") =>
        Assert.Contains(said, Assert.Throws<StudioException>(() => Parse(text, count, variables)).Message, StringComparison.Ordinal);
}
