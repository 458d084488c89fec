using System.Collections.Concurrent;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Reading;

/// <summary>
/// Recordings that come through a pipe: <c>-</c>, <c>/dev/stdin</c>, <c>&lt;(cat a.wav)</c>. What goes through a pipe can be read once,
/// while a recording is looked at, measured and read: so its bytes are kept in a temporary file until the process ends, and
/// <see cref="AudioFile"/> reads them under the pipe's name. Only what a person named is taken so, never what lies in a folder.
/// </summary>
public static class PipedRecording
{
    /// <summary>Stands for the standard input.</summary>
    public const string StandardInput = "-";

    private static readonly ConcurrentDictionary<string, Lazy<Kept>> Copies = new();

    /// <summary>Takes what comes through a pipe; a path that leads to anything else is left alone.</summary>
    /// <param name="path">What a person named.</param>
    /// <param name="cancellation">Stops waiting for it: a pipe that nobody writes to opens and ends never.</param>
    /// <exception cref="AudioException">The pipe cannot be read, or there is no room for what comes.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Take(string path, CancellationToken cancellation = default)
    {
        if (path == StandardInput || RegularFile.KindOf(path) == FileKind.Pipe)
        {
            Lazy<Kept> copy = Copies.GetOrAdd(Path.GetFullPath(path), _ => new Lazy<Kept>(() => AudioException.Guard(path, () => Copy(path))));
            Task.Factory.StartNew(() => copy.Value, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
                .WaitAsync(cancellation).GetAwaiter().GetResult();
        }
    }

    /// <summary>Where the bytes of a pipe are that was taken, for as long as the process lives; the path itself for everything else.</summary>
    public static string PlaceOf(string path) => Copies.TryGetValue(Path.GetFullPath(path), out Lazy<Kept>? copy) ? copy.Value.Place : path;

    private static Kept Copy(string path)
    {
        DeleteLeftovers();
        using Stream source = path == StandardInput ? Console.OpenStandardInput() : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        string copy = Path.Combine(Path.GetTempPath(), $"jukebox-{Guid.NewGuid():N}.recording");
        var target = new FileStream(copy, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0); // open until the end: it is in use
        try
        {
            string place = WithoutName(copy, target) ?? copy;
            if (place == copy)
            {
                AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(copy);
            }

            source.CopyTo(target);
            return new Kept(place, target);
        }
        catch
        {
            target.Dispose();
            File.Delete(copy);
            throw;
        }
    }

    /// <summary>
    /// Takes a file's name away and says where it is found nonetheless, by this process and by those that it starts: such a file is gone
    /// with the process, however that ends. None where the system has no such place.
    /// </summary>
    private static string? WithoutName(string path, FileStream stream)
    {
        string place = $"/proc/{Environment.ProcessId}/fd/{stream.SafeFileHandle.DangerousGetHandle()}";
        if (!OperatingSystem.IsLinux() || !File.Exists(place))
        {
            return null;
        }

        File.Delete(path);
        return place;
    }

    /// <summary>Deletes what processes left that were killed where copies have names: those that nobody has open.</summary>
    private static void DeleteLeftovers()
    {
        foreach (string copy in Directory.EnumerateFiles(Path.GetTempPath(), "jukebox-*.recording"))
        {
            try
            {
                new FileStream(copy, FileMode.Open, FileAccess.Read, FileShare.None).Dispose();
                File.Delete(copy);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use, or another user's.
            }
        }
    }

    /// <param name="Place">Where it can be opened.</param>
    /// <param name="Stream">What keeps it there: open until the process ends.</param>
    private sealed record Kept(string Place, FileStream Stream);
}
