using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Files;

namespace Jukebox.Training.Export;

/// <summary>
/// Files of a folder that change together: each is written aside, and takes its place when all are whole. What is given up
/// before leaves the folder's files as they were.
/// </summary>
/// <param name="folder">The folder; made with its first file.</param>
internal sealed class PendingFiles(string folder) : IDisposable
{
    private const string AsideExtension = ".tmp";
    private const string UnfinishedExtension = ".part";

    private readonly List<string> _names = [];

    /// <summary>Where a file's present content is: aside, or in its place.</summary>
    /// <param name="name">Name in the folder, with '/'.</param>
    public string PathOf(string name) => _names.Contains(name) ? PlaceOf(name) + AsideExtension : PlaceOf(name);

    /// <summary>Writes a file aside, or anew where it is there already.</summary>
    /// <param name="name">Name in the folder, with '/'.</param>
    /// <param name="write">Given where to write it; may read what <see cref="PathOf"/> says.</param>
    /// <returns>What <paramref name="write"/> gave.</returns>
    /// <exception cref="StorageException">The disk is full.</exception>
    public FileDigest Add(string name, Func<string, FileDigest> write)
    {
        string place = PlaceOf(name), unfinished = place + UnfinishedExtension;
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        try
        {
            FileDigest digest = write(unfinished);
            DurableFile.FlushFile(unfinished);
            FilePlacement.Replace(unfinished, place + AsideExtension);
            if (!_names.Contains(name))
            {
                _names.Add(name);
            }

            return digest;
        }
        catch (IOException e) when (FileFailure.IsDiskFull(e))
        {
            throw new StorageException($"the disk is full: {place} cannot be written; what was there is kept: free some space, then go on.", e);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    /// <summary>Writes a text aside.</summary>
    public FileDigest AddText(string name, string text) => Add(name, path =>
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        DurableFile.WriteAtomically(path, bytes);
        return new FileDigest(bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    });

    /// <summary>Puts every file in its place, in the order in which they were added.</summary>
    public void Commit()
    {
        foreach (string name in _names)
        {
            FilePlacement.Replace(PlaceOf(name) + AsideExtension, PlaceOf(name));
        }

        foreach (string parent in _names.Select(name => Path.GetDirectoryName(Path.GetFullPath(PlaceOf(name)))!).Distinct())
        {
            DurableFile.FlushDirectory(parent);
        }

        _names.Clear();
    }

    /// <summary>Deletes what did not take its place.</summary>
    public void Dispose() => _names.ForEach(name => File.Delete(PlaceOf(name) + AsideExtension));

    private string PlaceOf(string name) => Path.Combine(folder, name);
}
