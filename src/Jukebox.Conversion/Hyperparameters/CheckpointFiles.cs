namespace Jukebox.Conversion.Hyperparameters;

/// <summary>Names of the reference's checkpoint files.</summary>
internal static class CheckpointFiles
{
    /// <summary>Theirs all; they are no tar archives.</summary>
    public const string Suffix = ".pth.tar";

    public const string VqVaeName = "vqvae" + Suffix;
    private const string PriorMark = "prior_level_";

    public static string PriorName(int level) => $"{PriorMark}{level}{Suffix}";

    /// <summary>Whether a name is exactly that of such a file.</summary>
    public static bool IsOne(string name) => name == VqVaeName || (LevelOf(name) is { } level && name == PriorName(level));

    /// <summary>Whether a name tells of a part of a model, whatever else it tells.</summary>
    public static bool IsLike(string name) => name.Contains("vqvae", StringComparison.OrdinalIgnoreCase) || LevelOf(name) is not null;

    /// <summary>The N of <c>prior_level_N</c>, or none.</summary>
    public static int? LevelOf(string path)
    {
        string name = Path.GetFileName(path);
        int at = name.IndexOf(PriorMark, StringComparison.Ordinal);
        return at >= 0 && at + PriorMark.Length < name.Length && char.IsAsciiDigit(name[at + PriorMark.Length])
            ? name[at + PriorMark.Length] - '0'
            : null;
    }
}
