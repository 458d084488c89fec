using Jukebox.Core.Text;
using Xunit;

namespace Jukebox.Tests.Unicode;

/// <summary>Composition against cases of the Unicode standard (UAX #15), and what terminals are shown.</summary>
public sealed class ComposedTextTests
{
    [Theory]
    [InlineData("Bjo\u0308rk", "Bj\u00f6rk")]
    [InlineData("fre\u0301de\u0301ric chopin", "fr\u00e9d\u00e9ric chopin")]
    [InlineData("e\u0323\u0302", "\u1ec7")] // two marks, in canonical order
    [InlineData("a\u0323\u0301", "\u1ea1\u0301")] // the dot below joins, and the accent has no such base
    [InlineData("q\u0323\u0307", "q\u0323\u0307")] // nothing composes
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00")] // Hangul, as macOS names files
    [InlineData("\u30ab\u3099", "\u30ac")]
    [InlineData("\u0438\u0306", "\u0439")]
    [InlineData("\u0301a", "\u0301a")] // a mark without a base
    [InlineData("a\u0300\u0301", "\u00e0\u0301")] // of one class: the second is not blocked from a base it has none for
    [InlineData("plain", "plain")]
    [InlineData("\u00c5ngstr\u00f6m", "\u00c5ngstr\u00f6m")]
    public void TextIsComposed(string text, string composed) => Assert.Equal(composed, ComposedText.Of(text));

    [Fact]
    public void ComposedTextStaysAsItIs()
    {
        for (int code = 0x20; code < 0xD800; code++)
        {
            Assert.Equal(((char)code).ToString(), ComposedText.Of(((char)code).ToString()));
        }
    }

    [Fact]
    public void BlanksAreTidied() => Assert.Equal("the hollow kettles", ComposedText.Tidy("  the\u00a0 hollow \t kettles "));

    [Theory]
    [InlineData("a\u001b[31mb", "a\\u001b[31mb")]
    [InlineData("\u009b2J\u0007", "\\u009b2J\\u0007")]
    [InlineData("ab\u202etxt.exe", "ab\\u202etxt.exe")]
    [InlineData("tab\tline\n", "tab\tline\n")]
    public void ControlCharactersAreWrittenOut(string text, string shown)
    {
        Assert.Equal(shown, PlainText.Of(text));
        using var inner = new StringWriter();
        using (var writer = new PlainTextWriter(inner))
        {
            writer.Write(text);
        }

        Assert.Equal(shown, inner.ToString());
    }
}
