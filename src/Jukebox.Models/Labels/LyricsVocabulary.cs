using System.Collections.Frozen;

namespace Jukebox.Models.Labels;

/// <summary>
/// The characters that lyrics are spelt with; a character's id is its position, from 1. Id 0 is padding. The third
/// generation lacks the plus sign, which shifts everything after it.
/// </summary>
public sealed class LyricsVocabulary
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    private readonly FrozenDictionary<char, int> _ids;

    private LyricsVocabulary(string characters)
    {
        Characters = characters;
        _ids = characters.Select((c, index) => (c, index)).ToFrozenDictionary(pair => pair.c, pair => pair.index + 1);
    }

    /// <summary>Every character, in the order of the ids.</summary>
    public string Characters { get; }

    /// <summary>Number of ids, padding included: 80 or 79.</summary>
    public int Count => Characters.Length + 1;

    private static LyricsVocabulary Second { get; } = new(Letters + ".,:;!?-+'\"()[] \t\n");

    private static LyricsVocabulary Third { get; } = new(Letters + ".,:;!?-'\"()[] \t\n");

    /// <summary>The vocabulary of a label generation.</summary>
    public static LyricsVocabulary Of(int generation) => generation switch
    {
        2 => Second,
        3 => Third,
        _ => throw new ArgumentOutOfRangeException(nameof(generation), generation, "label generations are 2 and 3"),
    };

    /// <summary>Id of a character, or 0 where it has none.</summary>
    public int IdOf(char character) => _ids.GetValueOrDefault(character);
}
