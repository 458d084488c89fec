using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Sources;

/// <summary>Recognises what a path is and adds its parts to a <see cref="SourceSet"/>.</summary>
internal static class SourceCollector
{
    private static readonly string[] CheckpointSuffixes = [".pth.tar", ".pth", ".pt"];

    /// <summary>A file, a folder of the reference's files, a Hugging Face repository or its place in a cache, or our own model folder.</summary>
    /// <exception cref="ConversionException">There is nothing to convert at the path.</exception>
    /// <exception cref="DamagedFileException">What is there is not sound.</exception>
    public static void Add(SourceSet set, string path)
    {
        if (Directory.Exists(path))
        {
            AddFolder(set, path);
        }
        else if (RegularFile.Exists(path))
        {
            AddFile(set, path);
        }
        else
        {
            throw SourceHandle.IsUnnameable(path)
                ? SourceHandle.Missing(path)
                : new ConversionException($"{path}: there is no such file or folder; name a checkpoint, a folder of checkpoints, or a published model with --model.");
        }
    }

    private static void AddFolder(SourceSet set, string folder)
    {
        if (File.Exists(Path.Combine(folder, ModelDescription.FileName)))
        {
            ModelFolderSource.Add(set, folder);
        }
        else if (HuggingFaceRepository.IsOne(folder))
        {
            HuggingFaceRepository.Add(set, folder);
        }
        else if (HuggingFaceCache.IsOne(folder))
        {
            HuggingFaceRepository.Add(set, HuggingFaceCache.SnapshotOf(folder) ?? throw new ConversionException(
                $"{folder}: none of its snapshots has {HuggingFaceRepository.ConfigFileName} and all weights; download the repository again."));
        }
        else
        {
            AddCheckpoints(set, folder);
        }
    }

    /// <summary>Hidden files are none of the user's: macOS puts one named <c>._x</c> beside every x on foreign disks.</summary>
    private static void AddCheckpoints(SourceSet set, string folder)
    {
        int before = set.Parts.Count;
        var leftOut = new List<string>();
        foreach (string name in NamesIn(folder).Where(IsCheckpointName).Order(StringComparer.Ordinal))
        {
            string path = Path.Combine(folder, name);
            try
            {
                AddFile(set, path);
            }
            catch (Exception e) when (e is DamagedFileException or ConversionException && !CheckpointFiles.IsLike(name))
            {
                // What is named like a part of the model must be one; besides, a folder may hold anything.
                set.Close(path);
                leftOut.Add(e.Message);
            }
        }

        string rest = leftOut.Count == 0 ? "" : $"; {leftOut.Count} {(leftOut.Count == 1 ? "file was" : "files were")} left out, the first of them: {leftOut.FirstOrDefault()}";
        if (set.Parts.Count == before)
        {
            throw new ConversionException(
                $"{folder}: it holds no vqvae.pth.tar or prior_level_N.pth.tar, no Hugging Face weights and no {ModelDescription.FileName}; name the folder of the checkpoints, or a published model with --model{(rest.Length > 0 ? rest : ".")}");
        }

        if (leftOut.Count > 0)
        {
            set.Notes.Add($"{folder}{rest}");
        }

        set.LabelFolder ??= folder;
    }

    private static IEnumerable<string> NamesIn(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SourceHandle.Unreadable(folder, e.Message);
        }
    }

    private static bool IsCheckpointName(string name) =>
        !name.StartsWith('.') && Array.Exists(CheckpointSuffixes, suffix => name.EndsWith(suffix, StringComparison.Ordinal));

    private static void AddFile(SourceSet set, string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? ".";
        if (Path.GetFileName(path) is ModelDescription.FileName or HuggingFaceRepository.ConfigFileName)
        {
            AddFolder(set, folder);
            return;
        }

        Checkpoint checkpoint = set.Open(path);
        if (HuggingFaceNames.AreIn(checkpoint.Tensors.Keys))
        {
            HuggingFaceRepository.Add(set, folder);
        }
        else
        {
            set.Parts.Add(ModelPart.FromCheckpoint(checkpoint));
        }
    }
}
