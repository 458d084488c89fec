using System.Globalization;
using System.Text;

namespace Jukebox.Models;

/// <summary>
/// Keeps other processes out of a folder by holding <c>.lock</c> open for itself alone. The file stays when the lock
/// goes, and is empty then: deleting it could take it from under a process that is just locking it.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream _file;

    private FolderLock(FileStream file)
    {
        _file = file;
    }

    /// <summary>Takes the lock.</summary>
    /// <exception cref="SamplingException">Another process, or another part of this one, has it.</exception>
    public static FolderLock Take(string folder)
    {
        string path = Path.Combine(folder, ".lock");
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (IOException e)
        {
            throw new SamplingException($"{folder} is in use by {Owner(path)}; wait until it is done, or stop it.", e);
        }

        file.SetLength(0);
        file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} on {Environment.MachineName}")));
        file.Flush();
        return new FolderLock(file);
    }

    public void Dispose()
    {
        if (_file.CanWrite)
        {
            _file.SetLength(0);
        }

        _file.Dispose();
    }

    /// <summary>Who wrote the file, where the system lets others read it.</summary>
    private static string Owner(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(file, Encoding.UTF8);
            string owner = reader.ReadToEnd();
            return owner.Length > 0 ? owner : "another process";
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
