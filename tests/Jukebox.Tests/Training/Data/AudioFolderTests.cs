using Jukebox.Recordings.Folders;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>Folders of audio with links in them.</summary>
public sealed class AudioFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void NoFolderIsEnteredTwice()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need a privilege");
        _folder.Write("music/b/x.wav", "");
        _folder.Write("music/a/y.FLAC", "");
        _folder.Write("music/notes.txt", "");
        _folder.Write("elsewhere/z.mp3", "");
        Directory.CreateSymbolicLink(_folder["music", "a", "up"], "..");
        Directory.CreateSymbolicLink(_folder["music", "a", "beside"], _folder["music", "b"]);
        Directory.CreateSymbolicLink(_folder["music", "c"], _folder["elsewhere"]);
        Directory.CreateSymbolicLink(_folder["elsewhere", "again"], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["music", "gone.wav"], "nowhere.wav");
        Assert.Equal(["a/y.FLAC", "b/x.wav", "c/z.mp3", "gone.wav"], AudioFolder.NamesBelow(_folder["music"]));
        Directory.CreateSymbolicLink(_folder["link"], _folder["music"]);
        Assert.Equal(["a/y.FLAC", "b/x.wav", "c/z.mp3", "gone.wav"], AudioFolder.NamesBelow(_folder["link"]));
    }

    [Fact]
    public void WhatARunHasPlayedIsNoRecording()
    {
        foreach (string file in (string[])["run/run.json", "run/samples/step_1/level_0.wav", "run/take.wav", "samples/drum.wav"])
        {
            _folder.Write($"music/{file}", "");
        }

        Assert.Equal(["run/take.wav", "samples/drum.wav"], AudioFolder.NamesBelow(_folder["music"]));
        Assert.Equal(["step_1/level_0.wav"], AudioFolder.NamesBelow(_folder["music", "run", "samples"]));
    }
}
