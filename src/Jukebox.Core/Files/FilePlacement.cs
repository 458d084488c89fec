namespace Jukebox.Core.Files;

/// <summary>
/// Puts files and folders under their names. Windows refuses that while anybody has what is there open, if only a virus scanner or
/// an indexer for an instant: so it is tried again for a while before it fails, with a sentence that names the file.
/// </summary>
public static class FilePlacement
{
    private const int Attempts = 20;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Moves a file to its place, where another may be.</summary>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public static void Replace(string from, string path) => Patiently(path, () => File.Move(from, path, overwrite: true), MayPass, Pause);

    /// <summary>Gives a folder its name, which nothing has.</summary>
    /// <exception cref="IOException">It cannot be moved.</exception>
    public static void MoveFolder(string from, string path) => Patiently(from, () => Directory.Move(from, path), MayPass, Pause);

    /// <summary>Deletes a folder with all that is in it.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    public static void DeleteFolder(string path) => Patiently(path, () => Directory.Delete(path, recursive: true), MayPass, Pause);

    /// <summary>Does something to a file, again and again while it fails in a way that may pass.</summary>
    internal static void Patiently(string path, Action action, Func<Exception, bool> mayPass, TimeSpan pause)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                action();
                return;
            }
            catch (Exception e) when (mayPass(e) && attempt < Attempts)
            {
                Thread.Sleep(pause);
            }
            catch (Exception e) when (mayPass(e))
            {
                throw new IOException(
                    $"{path} cannot be replaced: another program has it open, or it is read-only; close it there, or allow writing, then try again.", e);
            }
        }
    }

    private static bool MayPass(Exception failure) => OperatingSystem.IsWindows() && (failure is UnauthorizedAccessException || FileFailure.IsInUse(failure));
}
