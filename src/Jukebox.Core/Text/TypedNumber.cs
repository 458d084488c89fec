using System.Globalization;
using System.Numerics;

namespace Jukebox.Core.Text;

/// <summary>
/// The one way in which numbers are read that a person types: digits, a point, an exponent, nothing else. Readers that are easier on them take
/// a decimal comma for a thousands separator, and infinity for a length.
/// </summary>
public static class TypedNumber
{
    /// <summary>Reads a number within limits.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="least">Least value.</param>
    /// <param name="most">Greatest value.</param>
    /// <param name="problem">What to write instead, without a full stop, where it is no such number.</param>
    /// <returns>The number, or null.</returns>
    public static T? Parse<T>(string text, T least, T most, out string problem)
        where T : struct, INumber<T>
    {
        const NumberStyles strict = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool whole = T.IsInteger(T.One / (T.One + T.One));
        NumberStyles style = whole ? NumberStyles.AllowLeadingSign : strict;
        if (T.TryParse(text, style, CultureInfo.InvariantCulture, out T value) && char.IsAsciiDigit(text[^1]) && T.IsFinite(value))
        {
            problem = $"it must lie in {Shown(least)} to {Shown(most)}";
            return value >= least && value <= most ? value : null;
        }

        string expected = whole ? "a whole number is expected" : text.Contains(',', StringComparison.Ordinal) ? "a number with a point is expected, as "
            + "3.5" : "a number is expected";
        problem = $"{expected}, from {Shown(least)} to {Shown(most)}";
        return null;
    }

    /// <summary>A limit in digits, whatever its size.</summary>
    private static string Shown<T>(T limit)
        where T : struct, INumber<T> => limit.ToString("0.###############", CultureInfo.InvariantCulture);
}
