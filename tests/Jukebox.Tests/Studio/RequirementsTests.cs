using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Songs;
using Xunit;

namespace Jukebox.Tests.Studio;

/// <summary>What a plan says that a song takes, against what it takes.</summary>
public sealed class RequirementsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheDiskOfASongWithLongLyricsIsForeseen()
    {
        string lyrics = string.Concat(Enumerable.Repeat("la la li lo. ", 400)), path = _folder["song"];
        using IBackend backend = new CpuBackend();
        using ModelFolder model = ModelFolder.Open(NoiseModelFolder.Path);
        SongDescription song = SongJob.Resolve(model, new SampleRequest { Seconds = 0.8, Seed = 3, Count = 2, SampleLevels = [2], Labels = [new SongLabel("", "", lyrics)] });
        var limits = new MachineResources(() => long.MaxValue, _ => long.MaxValue);
        var needs = Requirements.Of(SamplingPlan.Create(song, model.Description), model, path, limits, backend);
        using (SongFolder folder = SongFolder.Create(path, song, force: false))
        using (var songModel = new SongModel(model, backend))
        {
            new Sampler(songModel, folder, SongModel.PromptReaderWith(null)).Run();
        }

        long alignment = new FileInfo(Path.Combine(path, "alignment.json")).Length, description = new FileInfo(Path.Combine(path, "song.json")).Length;
        Assert.InRange(alignment, 1_000_000, long.MaxValue);
        Assert.InRange((double)needs.DiskBytes / (SongFolder.LengthBytes(path) - description), 0.9, 1.5);

        // Where there is not so much room, nothing is begun.
        var scarce = new MachineResources(() => long.MaxValue, _ => alignment / 2);
        var tooLittle = Requirements.Of(SamplingPlan.Create(song, model.Description), model, path, scarce, backend);
        Assert.Contains("Not enough disk space", Assert.Throws<StudioException>(() => tooLittle.Check(path)).Message, StringComparison.Ordinal);
    }
}
