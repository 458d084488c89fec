using Jukebox.Core.Errors;
using Jukebox.Models.Labels;
using Xunit;

namespace Jukebox.Tests.Labels;

public sealed class LyricsTests
{
    [Theory]
    [InlineData("Who said—“Two vast", "Who said--\"Two vast", "Who said--\"Two vast")]
    [InlineData("rock + roll\r\n#1 {yes} a\\b", "rock + roll\n1 yes a\nb", "rock  roll\n1 yes a\nb")]
    [InlineData("Père Noël…", "Pere Noel...", "Pere Noel...")]
    [InlineData("½ €5 日本", " 12  EUR5 Ri Ben ", " 12  EUR5 Ri Ben ")]
    [InlineData("it’s ‘me’", "it's 'me'", "it's 'me'")]
    [InlineData("naïve ßtraße", "naive sstrasse", "naive sstrasse")]
    [InlineData("Two  \t spaces Stay\n", "Two  \t spaces Stay\n", "Two  \t spaces Stay\n")]
    public void LyricsAreCleanedAsTheOriginalCleansThem(string raw, string second, string third)
    {
        Assert.Equal(second, LyricsText.Clean(raw, 2).Text);
        Assert.Equal(third, LyricsText.Clean(raw, 3).Text);
    }

    [Fact]
    public void TokensArePlacesInTheGenerationsVocabulary()
    {
        Assert.Equal([23, 34, 41, 77, 45, 27, 35, 30, 69, 69, 72], LyricsText.Clean("Who said--\"", 2).Tokens);
        Assert.Equal([23, 34, 41, 76, 45, 27, 35, 30, 69, 69, 71], LyricsText.Clean("Who said--\"", 3).Tokens);
        Assert.Equal(80, LyricsVocabulary.Of(2).Count);
        Assert.Equal(79, LyricsVocabulary.Of(3).Count);
        Assert.Equal([79], LyricsText.Clean("\n", 2).Tokens);
        Assert.Equal([78], LyricsText.Clean("\n", 3).Tokens);
    }

    [Fact]
    public void ChangesListWhatWasReplacedOrDropped()
    {
        LyricsText text = LyricsText.Clean("é & é ♪ +\r\n", 3);
        Assert.Equal(
            [new LyricsChange("é", "e", 2), new LyricsChange("&", "", 1), new LyricsChange("♪", "", 1), new LyricsChange("+", "", 1)],
            text.Changes);
        Assert.Empty(LyricsText.Clean("Plain words.\n", 2).Changes);
    }

    [Theory]
    [InlineData("здравствуй", "zdravstvui")]
    [InlineData("Пафну́тий Льво́вич Чебышёв", "Pafnutii L'vovich Chebyshiov")]
    [InlineData("ЭЮЯ Щука їжак", "EIuIa Shchuka yizhak")]
    [InlineData("Ελλάδα Καλημέρα", "Ellada Kalemera")]
    [InlineData("ψυχή ΞΑΝΘΗ ἡμέρα", "psukhe KsANThE emera")]
    [InlineData("příliš žluťoučký kůň", "prilis zlutoucky kun")]
    [InlineData("Ærø Œuvre œil Þór", "AEro OEuvre oeil Thor")]
    [InlineData("Việt Nam", "Viet Nam")]
    [InlineData("e\u0301t\u00e9", "ete")]
    [InlineData("¿Qué? ¡Sí!", "?Que? !Si!")]
    [InlineData("„Hallo“ «oui» ‚x‘", ",,Hallo\" <<oui>> ,x'")]
    [InlineData("£5 ¥6 ¢7 ©®™", "PS5 Y=6 C/7 (c)(r)(tm)")]
    [InlineData("1⅓ ²³", "1 1/3  23")]
    [InlineData("Eﬃcient ﬂow ﬁn", "Efficient flow fin")]
    [InlineData("こんにちは ふじ", "konnichiha huzi")]
    [InlineData("ラーメン・ガッコウ", "ramengatsukou")]
    [InlineData("ﾊﾋﾌﾍﾎ ﾊﾞ", "hahihuheho ha:")]
    [InlineData("「歌」、。", "[Ge ] , . ")]
    [InlineData("北京", "Bei Jing ")]
    [InlineData("为什么 成都", "Wei Shi Yao  Cheng Du ")]
    [InlineData("안녕하세요 서울", "annyeonghaseyo seoul")]
    [InlineData("ＡＢＣ！？", "ABC!?")]
    [InlineData("♪ ♥ 😀 ⭐", "   ")]
    [InlineData("a\u2028b\u2029c\u200bd", "a\nb\n\nc d")]
    [InlineData("Kargˋs", "Karg\\s")]
    [InlineData("ⓐⓩ 𝐀𝐳", "az Az")]
    public void TransliterationFollowsUnidecode(string text, string expected) =>
        Assert.Equal(expected, Transliteration.ToAscii(text));

    [Fact]
    public void EveryCharacterBecomesAscii()
    {
        for (int value = 0; value <= 0x10FFFF; value++)
        {
            if (System.Text.Rune.TryCreate(value, out System.Text.Rune rune))
            {
                Assert.True(Transliteration.ToAscii(rune).All(char.IsAscii), $"U+{value:X4}");
            }
        }
    }

    [Fact]
    public void LoadTakesUtf8WithOrWithoutAMarkUpToALimit()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("né\n", LyricsText.Load(folder.Write("plain.txt", "né\n")));
        Assert.Equal("né", LyricsText.Load(folder.Write("marked.txt", "\ufeffné")));
        string large = folder.Write("large.txt", new string('x', LyricsText.LimitBytes + 1));
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => LyricsText.Load(large));
        Assert.Contains("1024 kB", e.Message, StringComparison.Ordinal);
    }
}
