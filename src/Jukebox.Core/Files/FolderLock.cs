using System.Globalization;

namespace Jukebox.Core.Files;

/// <summary>
/// Keeps other processes out of a folder by holding <c>.lock</c> open for itself alone, and says in <c>.owner</c> who
/// does. The lock file stays, empty: deleting it could take it from under a process that is just locking it. The owner
/// counts only while the lock is held, so one that a killed process left does no harm.
/// </summary>
public sealed class FolderLock : IDisposable
{
    /// <summary>The file that is locked.</summary>
    public const string FileName = ".lock";

    /// <summary>The file that says who has the lock.</summary>
    public const string OwnerFileName = ".owner";

    private readonly FileStream _file;
    private readonly string _ownerPath;

    private FolderLock(FileStream file, string ownerPath)
    {
        _file = file;
        _ownerPath = ownerPath;
    }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="StorageException">Another process, or another part of this one, has it; or the folder cannot be written to.</exception>
    public static FolderLock Take(string folder)
    {
        string ownerPath = Path.Combine(folder, OwnerFileName);
        FileStream file;
        try
        {
            file = new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (!FileFailure.IsInUse(e) && e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{folder} cannot be written to, so nothing can go on in it: {FileFailure.Sentence(e)}", e);
        }
        catch (IOException e)
        {
            throw new StorageException($"{folder} is in use by {Owner(ownerPath)}; wait until it is done, or stop it.", e);
        }

        try
        {
            File.WriteAllText(ownerPath, string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk, or a file that cannot be written: the lock holds all the same, only its owner stays unnamed.
        }

        return new FolderLock(file, ownerPath);
    }

    public void Dispose()
    {
        using FileStream file = _file;
        if (!file.CanWrite)
        {
            return;
        }

        try
        {
            File.Delete(_ownerPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody reads it, or it cannot be changed: it counts only while the lock is held.
        }
    }

    private static string Owner(string path)
    {
        try
        {
            string owner = File.ReadAllText(path);
            return owner.Length > 0 ? owner : "another process";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "another process";
        }
    }
}
