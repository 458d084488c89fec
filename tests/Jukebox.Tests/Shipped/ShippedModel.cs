using Jukebox.Models.Format;

namespace Jukebox.Tests.Shipped;

/// <summary>The model that ships. Tests take what it is like from its description: another may ship tomorrow.</summary>
internal static class ShippedModel
{
    /// <summary>Its folder.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "weights", "tiny");

    /// <summary>Its description.</summary>
    public static ModelDescription Description { get; } = ModelDescription.Read(Folder);

    /// <summary>Levels that it samples, the coarsest first.</summary>
    public static int[] Levels { get; } = [.. Description.Priors.Select(prior => prior.Level).OrderDescending()];
}
