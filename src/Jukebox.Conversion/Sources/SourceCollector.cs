using Jukebox.Conversion.Containers;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core;
using Jukebox.Core.ModelFormat;

namespace Jukebox.Conversion.Sources;

/// <summary>Recognises what a path is and adds its parts to a <see cref="SourceSet"/>.</summary>
internal static class SourceCollector
{
    /// <summary>A file, a folder of the reference's files, a Hugging Face repository, or our own model folder.</summary>
    /// <exception cref="ConversionException">There is nothing to convert at the path.</exception>
    /// <exception cref="DamagedFileException">What is there is not sound.</exception>
    public static void Add(SourceSet set, string path)
    {
        if (Directory.Exists(path))
        {
            AddFolder(set, path);
        }
        else if (File.Exists(path))
        {
            AddFile(set, path);
        }
        else
        {
            throw new ConversionException($"{path}: there is no such file or folder; name a checkpoint, a folder of checkpoints, or a published model with --model.");
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
        else
        {
            string[] files = [.. Directory.EnumerateFiles(folder).Where(IsCheckpointName).Order(StringComparer.Ordinal)];
            if (files.Length == 0)
            {
                throw new ConversionException(
                    $"{folder}: it holds no vqvae.pth.tar or prior_level_N.pth.tar, no Hugging Face weights and no {ModelDescription.FileName}; name the folder of the checkpoints, or a published model with --model.");
            }

            set.LabelFolder ??= folder;
            foreach (string file in files)
            {
                AddFile(set, file);
            }
        }
    }

    private static bool IsCheckpointName(string path) =>
        path.EndsWith(".pth.tar", StringComparison.Ordinal) || path.EndsWith(".pth", StringComparison.Ordinal) || path.EndsWith(".pt", StringComparison.Ordinal);

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
