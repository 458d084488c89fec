using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Training.Runs;

/// <summary>
/// The checkpoints of a run: one safetensors file each, beside it its SHA-256. A file appears whole: it is written aside,
/// flushed to the disk, then renamed, its digest before it.
/// </summary>
/// <param name="path">The folder; made at the first checkpoint.</param>
internal sealed class CheckpointFolder(string path)
{
    private const string Prefix = "step_";
    private const string Extension = ".safetensors";
    private const string DigestExtension = ".sha256";
    private const string AsideExtension = ".tmp";
    private const int DigestLimitBytes = 1 << 12;

    /// <summary>Writes the checkpoint of a step, in place of one that is there, and deletes all but the last few.</summary>
    /// <param name="step">Steps that were done.</param>
    /// <param name="tensors">What it holds; read one after the other.</param>
    /// <param name="metadata">Text beside it.</param>
    /// <param name="kept">How many checkpoints stay.</param>
    /// <returns>The file.</returns>
    /// <exception cref="StorageException">The disk is full.</exception>
    public string Write(long step, IReadOnlyList<CheckpointTensor> tensors, IEnumerable<KeyValuePair<string, string>> metadata, int kept)
    {
        Directory.CreateDirectory(path);
        string file = PathOf(step), aside = file + AsideExtension;
        File.Delete(aside);
        FileDigest digest = WriteFile(aside, tensors, metadata);
        DurableFile.WriteAtomically(file + DigestExtension, System.Text.Encoding.ASCII.GetBytes($"{digest.Sha256}  {Path.GetFileName(file)}\n"));
        DurableFile.Replace(aside, file);
        DeleteAllBut(kept);
        return file;
    }

    /// <summary>Steps that there are checkpoints of, ascending, sound or not.</summary>
    public IReadOnlyList<long> Steps() => !Directory.Exists(path) ? [] :
    [
        .. Directory.EnumerateFiles(path, Prefix + "*" + Extension)
            .Select(file => Path.GetFileNameWithoutExtension(file)[Prefix.Length..])
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : -1)
            .Where(step => step >= 0)
            .Order(),
    ];

    /// <summary>Opens the newest sound checkpoint; the caller disposes it.</summary>
    /// <param name="note">Told of each that is damaged.</param>
    /// <exception cref="TrainingException">There is none.</exception>
    public WeightFile OpenNewest(Action<string> note)
    {
        foreach (long step in Steps().Reverse())
        {
            if (ProblemOf(step) is not { } problem)
            {
                return WeightFile.Open(PathOf(step));
            }

            note($"{PathOf(step)} is damaged ({problem}); going on from the checkpoint before it.");
        }

        throw new TrainingException($"{path} holds no sound checkpoint, so there is nothing to go on from; put its checkpoints and their digests (.sha256) back, or begin the run again with --force.");
    }

    /// <summary>What is wrong with the checkpoints, each in a sentence.</summary>
    public IEnumerable<string> Problems()
    {
        foreach (long step in Steps())
        {
            if (ProblemOf(step) is { } problem)
            {
                yield return $"{PathOf(step)}: {problem}; a run goes on from the checkpoint before it, where there is one.";
            }
        }
    }

    /// <summary>Deletes every checkpoint, and what a killed run left of one.</summary>
    public void Clear()
    {
        if (Directory.Exists(path))
        {
            foreach (string file in Directory.EnumerateFiles(path, Prefix + "*"))
            {
                File.Delete(file);
            }
        }
    }

    /// <summary>Deletes all checkpoints but the last few, which a run that was killed just after writing one did not get to.</summary>
    public void DeleteAllBut(int kept)
    {
        foreach (long old in Steps().SkipLast(kept))
        {
            try
            {
                Delete(old);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Somebody reads it, which on some systems keeps it; the next time will do.
            }
        }
    }

    /// <summary>Deletes the checkpoints after a step: those that were found damaged, which would otherwise count as the newest.</summary>
    public void DeleteAfter(long step)
    {
        foreach (long later in Steps().Where(other => other > step))
        {
            Delete(later);
        }
    }

    private static FileDigest WriteFile(string file, IReadOnlyList<CheckpointTensor> tensors, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        Dictionary<string, CheckpointTensor> byName = tensors.ToDictionary(tensor => tensor.Layout.Name);
        using var writer = new SafetensorsWriter(file, tensors.Select(tensor => tensor.Layout), metadata);
        foreach (TensorLayout layout in writer.Tensors)
        {
            writer.Append(MemoryMarshal.AsBytes(byName[layout.Name].Read().AsSpan()));
        }

        return writer.Complete();
    }

    private string? ProblemOf(long step)
    {
        string file = PathOf(step);
        try
        {
            string expected = TextFile.Read(file + DigestExtension, DigestLimitBytes, "").Split(' ')[0];
            using FileStream stream = RegularFile.OpenRead(file, "");
            return Convert.ToHexStringLower(SHA256.HashData(stream)) == expected ? null : "its content is not what was written";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DamagedFileException)
        {
            return e is DamagedFileException ? "its digest is damaged" : e is FileNotFoundException ? "its digest is missing" : e.Message;
        }
    }

    private void Delete(long step)
    {
        File.Delete(PathOf(step));
        File.Delete(PathOf(step) + DigestExtension);
    }

    private string PathOf(long step) => Path.Combine(path, Prefix + step.ToString("D9", CultureInfo.InvariantCulture) + Extension);
}

/// <summary>A tensor that a checkpoint is to hold: float32, fetched when it is written.</summary>
/// <param name="Layout">Name and shape.</param>
/// <param name="Read">Fetches it.</param>
internal sealed record CheckpointTensor(TensorLayout Layout, Func<float[]> Read);
