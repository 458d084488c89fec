using System.Text;

namespace Jukebox.Models.Labels;

/// <summary>How names are spelt in each generation's tables.</summary>
public static class LabelNames
{
    /// <summary>A name as the generation's tables spell it: lower-case, and in generation 2 words joined by underscores.</summary>
    public static string Normalise(int generation, string name) => generation switch
    {
        2 => Underscored(Lower(name)),
        3 => Lower(name),
        _ => throw new ArgumentOutOfRangeException(nameof(generation), generation, "label generations are 2 and 3"),
    };

    /// <summary>The parts of a genre that are looked up: words in generation 2 (at least one, maybe empty), the whole in generation 3.</summary>
    public static string[] GenreParts(int generation, string genre)
    {
        string normalised = Normalise(generation, genre);
        return generation == 2 ? normalised.Split('_') : [normalised];
    }

    /// <summary>"artists", "genres".</summary>
    public static string Plural(this LabelKind kind) => kind == LabelKind.Artist ? "artists" : "genres";

    /// <summary>"artist", "genre".</summary>
    public static string Singular(this LabelKind kind) => kind == LabelKind.Artist ? "artist" : "genre";

    /// <summary>Lower case without a culture. The one letter whose full mapping matters, İ, becomes i and a combining dot.</summary>
    internal static string Lower(string name) => name.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Keeps ASCII letters and digits; runs of anything else become one underscore, none at the ends.</summary>
    private static string Underscored(string lower)
    {
        var name = new StringBuilder(lower.Length);
        bool gap = false;
        foreach (char c in lower)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                gap = name.Length > 0;
                continue;
            }

            if (gap)
            {
                name.Append('_');
                gap = false;
            }

            name.Append(c);
        }

        return name.ToString();
    }
}
