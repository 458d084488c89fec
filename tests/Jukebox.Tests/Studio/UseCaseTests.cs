using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Studio;
using Jukebox.Studio.Devices;
using Jukebox.Studio.Recordings;
using Jukebox.Studio.Songs;
using Xunit;

namespace Jukebox.Tests.Studio;

/// <summary>What the command line does, done without one: as a server or a program would.</summary>
public sealed class UseCaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IBackend _backend = new CpuBackend(new CpuOptions(null, 1));
    private readonly ModelFolder _model = ModelFolder.Open(NoiseModelFolder.Path);
    private readonly List<string> _notes = [];

    private string Song => _folder["codes"];

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void ARecordingIsEncodedDecodedAndScored()
    {
        var heard = new List<EncodeProgress>();
        Encode(heard.Add, CancellationToken.None);
        Assert.All(heard, progress => Assert.InRange(progress.DoneSeconds, 0, progress.TotalSeconds));

        using (var job = DecodeJob.Open(_backend, _model, Song, level: null, MachineResources.Real, _notes.Add))
        {
            Assert.Equal((0, 0), (job.Level, Assert.Single(job.Items)));
            string file = job.Write(0, _folder["out"], force: false, _ => { }, CancellationToken.None);
            Assert.Equal(_folder["out", "level_0", "item_0.wav"], file);
            Assert.Equal(SongFolder.ReadDescription(Song).SampleLength, WaveFile.Read(file, out _, out _).Length);
            Assert.Contains("is there already", Assert.Throws<StudioException>(() => job.Write(0, _folder["out"], false, _ => { }, CancellationToken.None)).Message, StringComparison.Ordinal);
        }

        LevelScore[] scores = SongScore.Of(_backend, _model, Song, onlyLevel: null, 0.5, _notes.Add, _ => { }, CancellationToken.None);
        Assert.Equal([2, 1, 0], scores.Select(score => score.Level));
        Assert.All(scores, score => Assert.InRange(score.BitsPerToken, 1, 2 * score.UniformBits));
        Assert.Empty(_notes);
    }

    [Fact]
    public void WhatIsStoppedIsKnownToBeUnfinished()
    {
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Encode(_ => stop.Cancel(), stop.Token));
        Assert.Throws<StudioException>(() => SongScore.Of(_backend, _model, Song, null, 0.5, _notes.Add, _ => { }, CancellationToken.None));
        Assert.Contains("is unfinished", Assert.Single(_notes), StringComparison.Ordinal);

        using var job = DecodeJob.Open(_backend, _model, Song, level: 0, MachineResources.Real, _notes.Add);
        Assert.Throws<StudioException>(() => job.Write(0, _folder["out"], false, _ => { }, CancellationToken.None));
        Assert.False(Directory.Exists(_folder["out"]));
    }

    private void Encode(Action<EncodeProgress> progress, CancellationToken cancellation)
    {
        WaveFile.Write(_folder["tone.wav"], new TestRandom(7).Floats(44100, 0.1f), 44100);
        EncodeJob.Run(_backend, _model, new AudioRange(_folder["tone.wav"]), Song, MachineResources.Real, force: false, _notes.Add, progress, cancellation);
    }
}
