using System.Text;

namespace Jukebox.Models;

/// <summary>
/// Any text to ASCII in the manner of Unidecode, which cleaned the lyrics that the published models were trained on.
/// Each character is replaced on its own, without regard to its neighbours.
/// </summary>
public static partial class Transliteration
{
    /// <summary>The ASCII that stands for a character; empty where nothing does.</summary>
    public static string ToAscii(Rune rune)
    {
        if (rune.IsAscii)
        {
            return rune.ToString();
        }

        return AnyAscii.Transliteration.Transliterate(rune.ToString());
    }
}
