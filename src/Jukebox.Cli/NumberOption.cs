using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using Jukebox.Core.Text;

namespace Jukebox.Cli;

/// <summary>Numbers on the command line, read by <see cref="TypedNumber"/>.</summary>
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
        T? value = TypedNumber.Parse(text, least, most, out string problem);
        if (value is null)
        {
            result.AddError($"{name} {given}: {problem}.");
        }

        return value;
    }

    private static T? One<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T> => Parse(result, name, result.Tokens[0].Value, result.Tokens[0].Value, least, most);
}
