using System.Diagnostics;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Core.Files;
using Xunit;

namespace Jukebox.Tests.Audio;

/// <summary>Pipes and devices where a file is expected, and pipes that a person named.</summary>
public sealed class RegularFileTests
{
    [SkippableFact]
    public void PipesDevicesAndFoldersAreRefusedWithoutWaiting()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes and devices with names are Unix's");
        using var folder = new TemporaryFolder();
        MakePipe(folder["x.wav"]);
        Assert.Equal(FileKind.Pipe, RegularFile.KindOf(folder["x.wav"]));
        Assert.Contains("is a pipe", Assert.Throws<IOException>(() => RegularFile.OpenRead(folder["x.wav"])).Message, StringComparison.Ordinal);
        Assert.Contains("is a device", Assert.Throws<IOException>(() => RegularFile.OpenRead("/dev/zero")).Message, StringComparison.Ordinal);
        Assert.Contains("is a folder", Assert.Throws<IOException>(() => RegularFile.OpenRead(folder.Path)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => RegularFile.OpenRead(folder["none"]));

        File.CreateSymbolicLink(folder["link"], folder.Write("a.txt", "abc"));
        using FileStream stream = RegularFile.OpenRead(folder["link"]);
        Assert.Equal(3, stream.Length);
    }

    [SkippableFact]
    public void ARecordingThatIsAPipeIsRefusedUnlessItWasTaken()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names are Unix's");
        using var folder = new TemporaryFolder();
        string pipe = folder["take.wav"];
        MakePipe(pipe);
        Assert.Contains("is a pipe", Assert.Throws<AudioException>(() => AudioFile.Open(pipe, 44100)).Message, StringComparison.Ordinal);

        WaveFile.Write(folder["a.wav"], new TestRandom(4).Floats(5000, 0.1f), 44100);
        using var writer = Process.Start("/bin/sh", ["-c", $"cat '{folder["a.wav"]}' > '{pipe}'"]);
        PipedRecording.Take(pipe);
        float[] expected = AudioFile.Load(new AudioRange(folder["a.wav"]), 44100);
        Assert.Equal(expected, AudioFile.Load(new AudioRange(pipe), 44100));
        Assert.Equal(expected[441..], AudioFile.Load(new AudioRange(pipe, 0.01), 44100));
        writer.WaitForExit();

        // Nothing has its name, so that nothing is left of it however the process ends.
        Assert.StartsWith("/proc/", PipedRecording.PlaceOf(pipe), StringComparison.Ordinal);
        Assert.Contains("(deleted)", new FileInfo(PipedRecording.PlaceOf(pipe)).LinkTarget!, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(folder["a.wav"]), File.ReadAllBytes(PipedRecording.PlaceOf(pipe)));
    }

    [SkippableFact]
    public void WhoeverWaitsForAPipeThatNobodyWritesToCanBeStopped()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names are Unix's");
        using var folder = new TemporaryFolder();
        MakePipe(folder["c.wav"]);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.ThrowsAny<OperationCanceledException>(() => PipedRecording.Take(folder["c.wav"], stop.Token));

        // What still waits is let go.
        File.WriteAllText(folder["c.wav"], "");
    }

    /// <summary>A process that is killed deletes nothing: the next one that takes a pipe does, but for what others have open.</summary>
    [SkippableFact]
    public void WhatAKilledProcessLeftOfAPipeIsDeletedByTheNext()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names are Unix's");
        string left = Path.Combine(Path.GetTempPath(), $"jukebox-{Guid.NewGuid():N}.recording"), used = Path.Combine(Path.GetTempPath(), $"jukebox-{Guid.NewGuid():N}.recording");
        File.WriteAllText(left, "left");
        using (var open = new FileStream(used, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            using var folder = new TemporaryFolder();
            MakePipe(folder["b.wav"]);
            using var writer = Process.Start("/bin/sh", ["-c", $"echo abc > '{folder["b.wav"]}'"]);
            PipedRecording.Take(folder["b.wav"]);
            writer.WaitForExit();
            Assert.False(File.Exists(left));
            Assert.True(File.Exists(used));
        }

        File.Delete(used);
    }

    private static void MakePipe(string path)
    {
        using Process process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
