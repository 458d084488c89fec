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

    [SkippableFact]
    public void ANameThatIsNotUtf8IsTold()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "names are bytes only there");
        _folder.Write("music/a.wav", "");
        Shell("touch \"$(printf 'caf\\351.wav')\"");
        AudioFolderContent content = AudioFolder.Look(_folder["music"]);
        Shell("rm caf*"); // the runtime cannot
        Assert.Equal(["a.wav"], content.Names);
        Assert.Contains("names that are not UTF-8, which cannot be opened here (rename them): 1, the first 'caf\uFFFD.wav'", Assert.Single(content.Overlooked), StringComparison.Ordinal);
    }

    private void Shell(string command)
    {
        using var shell = System.Diagnostics.Process.Start("/bin/sh", ["-c", $"cd '{_folder["music"]}' && {command}"]);
        shell.WaitForExit();
    }

    [Fact]
    public void WhatIsNotTakenIsCountedInALineForEachKind()
    {
        foreach (string file in (string[])["a.wma", "b.MP4", "c.ape", "d.mka", "._a.wav", ".hidden/e.wav", "f.pdf", "g.pdf", "h.jpg", "a.txt", "manifest.tsv", "README"])
        {
            _folder.Write($"music/{file}", "");
        }

        AudioFolderContent content = AudioFolder.Look(_folder["music"]);
        Assert.Equal(["a.wma", "b.MP4", "c.ape", "d.mka"], content.Names);
        Assert.Equal(["Not taken for recordings: 1 .jpg, 2 .pdf, 1 without an ending.", "Hidden, and not looked at: 2."], content.Overlooked);
    }

    [SkippableFact]
    public void PipesAreLeftOut()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names are Unix's");
        _folder.Write("music/a.wav", "");
        using (var process = System.Diagnostics.Process.Start("mkfifo", [_folder["music", "x.wav"]]))
        {
            process.WaitForExit();
        }

        AudioFolderContent content = AudioFolder.Look(_folder["music"]);
        Assert.Equal(["a.wav"], content.Names);
        Assert.Equal(["Named like recordings but no files (pipes, devices): 1, the first 'x.wav'."], content.Overlooked);
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
