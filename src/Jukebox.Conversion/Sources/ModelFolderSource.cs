using Jukebox.Conversion.Hyperparameters;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Sources;

/// <summary>Our own model folder as a source, to store it in another type.</summary>
internal static class ModelFolderSource
{
    public static void Add(SourceSet set, string folder)
    {
        string path = Path.Combine(folder, ModelDescription.FileName);
        ModelDescription description = ModelDescription.Parse(JsonText.ReadBytes(path), path);
        if (set.Description is not null || set.Parts.Count > 0)
        {
            throw new ConversionException($"{folder}: a model folder is converted alone; name no other source beside it.");
        }

        set.Description = description;
        set.LabelFolder = folder;
        foreach ((string name, FileDigest digest) in description.Files)
        {
            set.StatedDigests[Path.GetFullPath(Path.Combine(folder, name))] = (digest, ModelDescription.FileName);
        }

        AddPart(set, folder, ModelDescription.VqVaeFileName, PartKind.VqVae, null);
        foreach (PriorSpec prior in description.Priors)
        {
            AddPart(set, folder, ModelDescription.PriorFileName(prior.Level), PartKind.Prior, prior.Level);
        }
    }

    private static void AddPart(SourceSet set, string folder, string name, PartKind kind, int? level)
    {
        string path = Path.Combine(folder, name);
        if (File.Exists(path))
        {
            if (!set.StatedDigests.ContainsKey(Path.GetFullPath(path)))
            {
                throw new DamagedFileException(
                    path, -1, $"{ModelDescription.FileName} states no digest of it, so that nothing tells whether it is whole", "convert the checkpoint again");
            }

            set.Parts.Add(new ModelPart(kind, path, set.Open(path).Tensors, null, level) { IsStored = true });
        }
        else if (kind == PartKind.Prior)
        {
            throw new DamagedFileException(path, -1, $"{ModelDescription.FileName} describes it, but it is not there", "convert the checkpoint again");
        }
    }
}
