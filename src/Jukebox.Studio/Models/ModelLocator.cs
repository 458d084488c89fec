using Jukebox.Models.Format;

namespace Jukebox.Studio.Models;

/// <summary>Finds the model folder that a command should use.</summary>
public static class ModelLocator
{
    /// <summary>Environment variable that names the default model folder.</summary>
    public const string Variable = "JUKEBOX_MODEL";

    private const string ShippedModel = "weights/tiny";

    /// <summary>
    /// The folder given, else <see cref="Variable"/>'s, else <c>weights/tiny</c> beside the executable or in a folder
    /// above it or above the current one.
    /// </summary>
    /// <exception cref="StudioException">There is no model there.</exception>
    public static string Find(string? given)
    {
        string? named = given ?? Environment.GetEnvironmentVariable(Variable);
        if (!string.IsNullOrEmpty(named))
        {
            // Who completes a path ends at the file that makes a folder a model.
            named = Path.GetFileName(named) == ModelDescription.FileName && File.Exists(named) ? Path.GetDirectoryName(Path.GetFullPath(named))! : named;
            return HoldsModel(named)
                ? named
                : throw new StudioException($"There is no model at '{named}' (no {ModelDescription.FileName} in it): give a folder that jukebox-convert wrote.");
        }

        return Shipped(AppContext.BaseDirectory)
            ?? Shipped(Directory.GetCurrentDirectory())
            ?? throw new StudioException(
                $"No model was given, and there is no {ShippedModel} here or in a folder above: give --model FOLDER or set {Variable}, "
                + "to the model that ships with the source or to a folder that jukebox-convert or train wrote.");
    }

    private static string? Shipped(string start)
    {
        for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
        {
            string candidate = Path.Combine(folder.FullName, ShippedModel);
            if (HoldsModel(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    private static bool HoldsModel(string folder) => File.Exists(Path.Combine(folder, ModelDescription.FileName));
}
