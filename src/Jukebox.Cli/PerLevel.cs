using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using Jukebox.Core.Errors;

namespace Jukebox.Cli;

/// <summary>
/// A setting by level: one number for all, or one for each of levels 0, 1, 2 in that order, as the original writes its
/// hop fractions: <c>.5,.5,.125</c>.
/// </summary>
/// <param name="Values">One value, or one per level.</param>
public sealed record PerLevel<T>(T[] Values)
    where T : struct, INumber<T>
{
    /// <summary>The value of a level.</summary>
    /// <param name="level">The level.</param>
    /// <param name="levels">Levels of the model.</param>
    /// <exception cref="UsageException">There are several values, but not one for each level.</exception>
    public T At(int level, int levels) => Values.Length == 1 ? Values[0]
        : Values.Length == levels ? Values[level]
        : throw new UsageException(string.Create(
            CultureInfo.InvariantCulture,
            $"'{string.Join(',', Values)}' has {Values.Length} values, and the model has {levels} {(levels == 1 ? "level" : "levels")}: give one for all levels or one for each, level 0 first."));

    /// <summary>An option of this kind; every value must lie within the limits.</summary>
    public static Option<PerLevel<T>?> Option(string name, string description, T least, T most, params string[] aliases)
    {
        var option = new Option<PerLevel<T>?>(name, aliases) { Description = description, HelpName = "X[,X,X]" };
        option.CustomParser = result => Parse(result, name, least, most);
        return option;
    }

    private static PerLevel<T>? Parse(ArgumentResult result, string name, T least, T most)
    {
        string text = result.Tokens[0].Value;
        var values = new List<T>();
        foreach (string part in text.Split(','))
        {
            if (NumberOption.Parse(result, name, text, part, least, most) is not { } value)
            {
                return null;
            }

            values.Add(value);
        }

        return new PerLevel<T>([.. values]);
    }
}
