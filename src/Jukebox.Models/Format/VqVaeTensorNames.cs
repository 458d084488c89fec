using System.Globalization;

namespace Jukebox.Models.Format;

/// <summary>What the names of a VQ-VAE's tensors say.</summary>
public static class VqVaeTensorNames
{
    private const string Codebooks = "bottleneck.level_blocks.";

    /// <summary>Name of a level's codebook.</summary>
    public static string CodebookOf(int level) => string.Create(CultureInfo.InvariantCulture, $"{Codebooks}{level}.k");

    /// <summary>Whether it is a codebook, which no gradient moves.</summary>
    public static bool IsCodebook(string name) => name.StartsWith(Codebooks, StringComparison.Ordinal);

    /// <summary>Whether it is part of what turns audio into codes.</summary>
    public static bool IsOfEncoder(string name) => IsCodebook(name) || name.StartsWith("encoders.", StringComparison.Ordinal);

    /// <summary>The level that it belongs to: the first number in its name.</summary>
    public static int LevelOf(string name) =>
        int.Parse(name.Split('.').First(part => char.IsAsciiDigit(part[0])), NumberStyles.None, CultureInfo.InvariantCulture);
}
