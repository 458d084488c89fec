using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Training;
using Jukebox.Training.Runs;
using Xunit;

namespace Jukebox.Tests.Training.Runs;

/// <summary>A checkpoint is whole or is not there.</summary>
public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CheckpointFolder _checkpoints;

    public CheckpointFolderTests()
    {
        _checkpoints = new CheckpointFolder(_folder["checkpoints"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OnlyTheLastFewAreKept()
    {
        foreach (long step in (long[])[1, 20, 300, 4_000_000_000])
        {
            Write(step);
        }

        Assert.Equal([300L, 4_000_000_000L], _checkpoints.Steps());
        Assert.Equal(4, Directory.GetFiles(_folder["checkpoints"]).Length);
    }

    [Fact]
    public void NamesThatAreNoStepsAreNoCheckpoints()
    {
        Write(1);
        foreach (string name in (string[])["step_", "step_99999999999999999999", "step_-1", "step_1e3"])
        {
            _folder.Write($"checkpoints/{name}.safetensors", "");
        }

        Assert.Equal([1L], _checkpoints.Steps());
        Assert.Equal(1, OpenNewest());
    }

    [Fact]
    public void ADeathBeforeOldOnesAreDeletedIsMadeUpFor()
    {
        foreach (long step in (long[])[1, 2])
        {
            Write(step);
        }

        _checkpoints.DeleteAllBut(1);
        Assert.Equal([2L], _checkpoints.Steps());
        Assert.Equal(2, Directory.GetFiles(_folder["checkpoints"]).Length);
    }

    [Fact]
    public void ADeathInTheMiddleOfAWriteLeavesTheOneBefore()
    {
        Write(1);
        Assert.Throws<TimeoutException>(() => Write(2, () => throw new TimeoutException("killed")));
        Assert.Equal([1L], _checkpoints.Steps());
        Assert.Equal(1, OpenNewest());
        Write(2); // over what was left
        Assert.Equal(2, OpenNewest());
    }

    [Fact]
    public void ADeathBetweenDigestAndFileLeavesTheOneBefore()
    {
        Write(1);
        Write(2);
        File.Move(_folder["checkpoints", "step_000000002.safetensors"], _folder["checkpoints", "step_000000002.safetensors.tmp"]);
        Assert.Equal(1, OpenNewest());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(200)]
    public void ACutOrAlteredNewestIsPassedOverAndNamed(int at)
    {
        Write(1);
        string newest = Write(2);
        byte[] whole = File.ReadAllBytes(newest);
        File.WriteAllBytes(newest, at < 0 ? [] : whole[..at]);
        AssertFallsBack(newest);
        whole[^1] ^= 1;
        File.WriteAllBytes(newest, whole);
        AssertFallsBack(newest);
        File.Delete(newest + ".sha256");
        AssertFallsBack(newest);
    }

    [Fact]
    public void WithNoSoundOneTheMendIsSaid()
    {
        File.WriteAllBytes(Write(1), []);
        TrainingException e = Assert.Throws<TrainingException>(() => _checkpoints.OpenNewest(_ => { }));
        Assert.Contains("holds no sound checkpoint", e.Message, StringComparison.Ordinal);
        Assert.Contains("--force", e.Message, StringComparison.Ordinal);
    }

    private void AssertFallsBack(string newest)
    {
        var notes = new List<string>();
        Assert.Equal(1, OpenNewest(notes.Add));
        Assert.StartsWith($"{newest} is damaged (", Assert.Single(notes), StringComparison.Ordinal);
    }

    private float OpenNewest(Action<string>? note = null)
    {
        using WeightFile file = _checkpoints.OpenNewest(note ?? (text => Assert.Fail(text)));
        return file["x"].ReadSingles()[0];
    }

    private string Write(long step, Func<float[]>? second = null) => _checkpoints.Write(
        step,
        [
            new CheckpointTensor(new TensorLayout("x", ElementType.F32, new Shape(32)), () => [.. Enumerable.Repeat((float)step, 32)]),
            new CheckpointTensor(new TensorLayout("y", ElementType.F32, new Shape(32)), second ?? (() => new float[32])),
        ],
        [new("step", $"{step}")],
        kept: 2);
}
