using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace Jukebox.Cli;

/// <summary>
/// The one way in which numbers are read from a command line: digits, a point, an exponent, nothing else. The library would take a
/// decimal comma for a thousands separator, and infinity for a length.
/// </summary>
internal static class NumberOption
{
    /// <summary>Reads an option's number strictly, and holds it within limits.</summary>
    public static Option<T> Within<T>(this Option<T> option, T least, T most)
        where T : struct, INumber<T>
    {
        option.CustomParser = result => One(result, option.Name, least, most) ?? default;
        return option;
    }

    /// <summary>The same for an option that may be left out.</summary>
    public static Option<T?> Within<T>(this Option<T?> option, T least, T most)
        where T : struct, INumber<T>
    {
        option.CustomParser = result => One(result, option.Name, least, most);
        return option;
    }

    /// <summary>The same for an option that may be given several times.</summary>
    public static Option<T[]> EachWithin<T>(this Option<T[]> option, T least, T most)
        where T : struct, INumber<T>
    {
        option.CustomParser = result => [.. result.Tokens.Select(token => Parse(result, option.Name, token.Value, token.Value, least, most) ?? default)];
        return option;
    }

    /// <summary>Reads one number of what follows an option; where it cannot be read, the result has an error that says what to write.</summary>
    /// <param name="result">Takes the error.</param>
    /// <param name="name">The option.</param>
    /// <param name="given">All that follows it.</param>
    /// <param name="text">The number.</param>
    /// <param name="least">Least value.</param>
    /// <param name="most">Greatest value.</param>
    public static T? Parse<T>(ArgumentResult result, string name, string given, string text, T least, T most)
        where T : struct, INumber<T>
    {
        const NumberStyles strict = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool whole = T.IsInteger(T.One / (T.One + T.One));
        NumberStyles style = whole ? NumberStyles.AllowLeadingSign : strict;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T value) && char.IsAsciiDigit(text[^1]) && T.IsFinite(value))
        {
            if (value >= least && value <= most)
            {
                return value;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} {given}: it must lie in {Shown(least)} to {Shown(most)}."));
            return null;
        }

        string expected = whole ? "a whole number is expected" : text.Contains(',', StringComparison.Ordinal) ? "a number with a point is expected, as 3.5" : "a number is expected";
        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} {given}: {expected}, from {Shown(least)} to {Shown(most)}."));
        return null;
    }

    /// <summary>A limit in digits, whatever its size.</summary>
    private static string Shown<T>(T limit)
        where T : struct, INumber<T> => limit.ToString("0.###############", CultureInfo.InvariantCulture);

    private static T? One<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T> => Parse(result, name, result.Tokens[0].Value, result.Tokens[0].Value, least, most);
}
