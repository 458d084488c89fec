using System.Text;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Sources;

/// <summary>
/// The description of the model folder from which checkpoints were written, which they carry: name, origin, licence and
/// sampling defaults, for which the reference has no place. Tensors and hyperparameters are never taken from it.
/// </summary>
internal static class CarriedDescription
{
    /// <summary>The description that all checkpoints of a set carry alike, or none.</summary>
    public static ModelDescription? Find(SourceSet set)
    {
        string?[] texts = [.. set.Checkpoints.Select(checkpoint => checkpoint.Description).Distinct()];
        if (texts is not [{ } text])
        {
            return null;
        }

        Checkpoint first = set.Checkpoints.First();
        try
        {
            return ModelDescription.Parse(Encoding.UTF8.GetBytes(text), first.File.Path);
        }
        catch (DamagedFileException e)
        {
            set.Notes.Add($"the description that it carries is not used: {e.Message}");
            return null;
        }
    }
}
