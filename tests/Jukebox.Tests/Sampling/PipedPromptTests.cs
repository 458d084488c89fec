using System.Diagnostics;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Songs;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Songs that begin with a recording that comes through a pipe.</summary>
public sealed class PipedPromptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StubSongModel _model = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void ASongGoesOnWithoutThePipe()
    {
        SongDescription song = Resolve(TakenPipe("first"));
        string path = _folder["song"];
        SongFolder.Create(path, song, force: false).Dispose();

        // It goes on where it is not, in another process's eyes: the folder alone has the recording.
        Directory.Move(path, _folder["moved"]);
        using SongFolder folder = SongFolder.Resume(_folder["moved"]);
        string kept = folder.Description.Request.Prompts!.Single().File;
        Assert.Equal(Path.GetFullPath(Path.Combine(_folder["moved"], "prompt_0.recording")), kept);
        Assert.Equal(File.ReadAllBytes(_folder["first.wav"]), File.ReadAllBytes(kept));
        Assert.Equal(SongIdentity.Of(song), SongIdentity.Of(folder.Description));
        Assert.Equal(SamplingOutcome.Finished, new Sampler(_model, folder, SongModel.ReadPrompt).Run());
    }

    [SkippableFact]
    public void ARecordingThatIsNotTheSongsIsRefused()
    {
        string path = _folder["song"];
        SongFolder.Create(path, Resolve(TakenPipe("first")), force: false).Dispose();
        WaveFile.Write(Path.Combine(path, "prompt_0.recording"), new TestRandom(9).Floats(2000, 0.1f), 44100);
        using SongFolder folder = SongFolder.Resume(path);
        var e = Assert.Throws<SamplingException>(() => new Sampler(_model, folder, SongModel.ReadPrompt).Run());
        Assert.Contains("is not there any more as the song began with it", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void SongsOfDifferentRecordingsAreDifferent() =>
        Assert.NotEqual(SongIdentity.Of(Resolve(TakenPipe("first"))), SongIdentity.Of(Resolve(TakenPipe("second"))));

    [SkippableFact]
    public void ARecordingIsDeletedWithItsSongAndNotKeptOfCodesAlone()
    {
        string path = _folder["song"];
        SongDescription song = Resolve(TakenPipe("first"));
        SongFolder.Create(path, song, force: false).Dispose();
        SongFolder.Create(path, song with { Request = song.Request with { SampleLevels = [] } }, force: true).Dispose();
        Assert.False(File.Exists(Path.Combine(path, "prompt_0.recording")));
    }

    private SongDescription Resolve(string pipe) => new RequestResolver(_model.Description, _model.Reference, (_, _) => 2000)
        .Resolve(new SampleRequest { Seconds = 30 * 128 / 44100.0, Seed = 1, Prompts = [new PromptRequest(pipe)] });

    private string TakenPipe(string name)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names are Unix's");
        string pipe = _folder[name], recording = _folder[name + ".wav"];
        WaveFile.Write(recording, new TestRandom((ulong)name.Length).Floats(2000, 0.1f), 44100);
        using var maker = Process.Start("mkfifo", [pipe]);
        maker.WaitForExit();
        using var writer = Process.Start("/bin/sh", ["-c", $"cat '{recording}' > '{pipe}'"]);
        PipedRecording.Take(pipe);
        writer.WaitForExit();
        return pipe;
    }
}
