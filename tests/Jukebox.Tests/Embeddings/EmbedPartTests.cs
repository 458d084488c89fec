using Jukebox.Audio.Writing;
using Jukebox.Recordings.VectorFiles;
using Jukebox.Tests.Cli;
using Jukebox.Tests.Shipped;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>A folder of results that is made in parts: what is missing in it is named, with the command that makes it.</summary>
public sealed class EmbedPartTests : IDisposable
{
    private const string Whole = "5 done, 0 left out, 0 failed; 0 problems";

    private readonly TemporaryFolder _folder = new();

    public EmbedPartTests()
    {
        Directory.CreateDirectory(_folder["music"]);
        foreach (string clip in (string[])["a", "b", "c", "d", "e"])
        {
            WriteClip(clip);
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void APartThatEndedEarlyIsNamedUntilItHasGoneOn()
    {
        Parts("1/2", "2/2");
        Assert.Contains(Whole, Check(0), StringComparison.Ordinal);

        string manifest = Manifest(1);
        string[] lines = File.ReadAllLines(manifest);
        File.WriteAllText(manifest, lines[0] + "\n");
        string said = Check(1);
        Assert.Contains("embed.1-of-2.jsonl: 2 of 3 inputs are not computed, c the first; --shard 1/2 goes on with it.", said, StringComparison.Ordinal);
        Assert.Contains("3 done, 0 left out, 0 failed; 1 problem", said, StringComparison.Ordinal);

        Parts("1/2");
        Assert.Contains(Whole, Check(0), StringComparison.Ordinal);
    }

    [Fact]
    public void APartThatIsNotThereIsNamed()
    {
        Parts("1/3", "2/3", "3/3");
        File.Delete(Manifest(2, 3));
        Assert.Contains("embed.2-of-3.jsonl: the manifest of this part is missing; it was not computed, and --shard 2/3 does that.", Check(1), StringComparison.Ordinal);
        Parts("2/3");
        Assert.Contains(Whole, Check(0), StringComparison.Ordinal);
    }

    [Fact]
    public void ManyPartsThatAreNotThereAreCounted()
    {
        Parts("3/100");
        string said = Check(1);
        Assert.DoesNotContain("embed.3-of-100.jsonl", said, StringComparison.Ordinal);
        Assert.Contains("embed.21-of-100.jsonl: the manifest of this part is missing", said, StringComparison.Ordinal);
        Assert.DoesNotContain("embed.22-of-100.jsonl", said, StringComparison.Ordinal);
        Assert.Contains("79 more of the 100 parts have no manifest.", said, StringComparison.Ordinal);
    }

    /// <summary>A run of everything that was cut off, too.</summary>
    [Fact]
    public void ARunThatEndedEarlyIsNamed()
    {
        Run();
        string manifest = Manifest(1, 1);
        File.WriteAllText(manifest, string.Join('\n', File.ReadAllLines(manifest)[..4]) + "\n");
        Assert.Contains("embed.jsonl: 1 of 5 inputs is not computed, e the first; the same command goes on with it.", Check(1), StringComparison.Ordinal);
    }

    [Fact]
    public void PartsOfDifferentListsAreToldApart()
    {
        Parts("1/2", "2/2");
        WriteClip("f");
        Parts("2/2");
        Assert.Contains("The parts are of different lists of inputs", Check(1), StringComparison.Ordinal);
        Parts("1/2");
        Assert.Contains("6 done, 0 left out, 0 failed; 0 problems", Check(0), StringComparison.Ordinal);
    }

    [Fact]
    public void AListThatIsLostOrDamagedIsNamed()
    {
        Parts("1/2", "2/2");
        string list = _folder["out", "inputs.2-of-2.jsonl"];
        File.Delete(list);
        Assert.Contains(
            "inputs.2-of-2.jsonl is not beside it, so nobody can tell whether it is complete; --shard 2/2 goes on with it.", Check(1), StringComparison.Ordinal);
        Parts("2/2");
        Assert.Contains(Whole, Check(0), StringComparison.Ordinal);

        string[] lines = File.ReadAllLines(list);
        foreach ((int number, string[] damaged) in (IEnumerable<(int, string[])>)[(1, []), (1, ["{}"]), (2, [lines[0], "b"]), (3, [lines[0], lines[1], "null"])])
        {
            File.WriteAllLines(list, damaged);
            CliRun check = CliRun.Of("embed", "--check", _folder["out"]);
            Assert.Equal(1, check.ExitCode);
            Assert.Contains($"line {number} is not what was written", check.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("a fault of this program", check.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Parts of another number would compute an input twice or never.</summary>
    [Fact]
    public void AFolderBegunInPartsTakesNoOthers()
    {
        Parts("3/4");
        foreach (string[] other in (string[][])[[], ["--shard", "1/1"], ["--shard", "1/2"], ["--shard", "3/5"], ["--shard", "1/2", "--force"]])
        {
            CliRun run = Run(1, other);
            Assert.Contains("its inputs are parted otherwise; give the --shard that it was begun with, I/4, 3/4 say", run.Error, StringComparison.Ordinal);
        }

        Directory.Delete(_folder["out"], recursive: true);
        Run();
        Assert.Contains(
            "its inputs are parted otherwise; leave --shard out, or choose another folder", Run(1, "--shard", "1/2").Error, StringComparison.Ordinal);
    }

    private void WriteClip(string name) => WaveFile.Write(
        _folder["music", $"{name}.wav"], [.. Enumerable.Range(0, 2048).Select(i => (float)Math.Sin(i * (name[0] - 'a' + 1) / 50.0))], 44100);

    private void Parts(params string[] parts) => Assert.All(parts, part => Run(0, "--shard", part));

    private CliRun Run(int code = 0, params string[] options)
    {
        CliRun run = CliRun.Of(["embed", _folder["music"], "--model", ShippedModel.Folder, "--preset", "jukemirlib", "--layers", "2", "--output", _folder["out"], .. options]);
        Assert.True(run.ExitCode == code, run.Error + run.Output);
        return run;
    }

    private string Check(int code)
    {
        CliRun check = CliRun.Of("embed", "--check", _folder["out"]);
        Assert.True(check.ExitCode == code, check.Error + check.Output);
        return check.Output;
    }

    private string Manifest(int part, int parts = 2) => EmbeddingManifest.PathOf(_folder["out"], part, parts);
}
