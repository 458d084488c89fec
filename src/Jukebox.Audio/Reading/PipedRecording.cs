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

    private static readonly ConcurrentDictionary<string, Lazy<string>> Copies = new();

    /// <summary>Takes what comes through a pipe; a path that leads to anything else is left alone.</summary>
    /// <param name="path">What a person named.</param>
    /// <exception cref="AudioException">The pipe cannot be read, or there is no room for what comes.</exception>
    public static void Take(string path)
    {
        if (path == StandardInput || RegularFile.KindOf(path) == FileKind.Pipe)
        {
            _ = Copies.GetOrAdd(Path.GetFullPath(path), _ => new Lazy<string>(() => AudioException.Guard(path, () => Copy(path)))).Value;
        }
    }

    /// <summary>Where the bytes of a pipe are that was taken; the path itself for everything else.</summary>
    internal static string PlaceOf(string path) => Copies.TryGetValue(Path.GetFullPath(path), out Lazy<string>? copy) ? copy.Value : path;

    private static string Copy(string path)
    {
        DeleteLeftovers();
        string copy = Path.Combine(Path.GetTempPath(), $"jukebox-{Guid.NewGuid():N}.recording");
        using Stream source = path == StandardInput
            ? Console.OpenStandardInput()
            : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var target = new FileStream(copy, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite); // open until the end: it is in use
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            target.Dispose();
            File.Delete(copy);
        };
        source.CopyTo(target);
        target.Flush();
        return copy;
    }

    /// <summary>Deletes what processes left that were killed: copies that nobody has open.</summary>
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
}
