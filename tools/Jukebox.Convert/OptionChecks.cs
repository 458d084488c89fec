using System.CommandLine;
using System.CommandLine.Parsing;
using Jukebox.Core.Text;

namespace Jukebox.Conversion.Shell;

/// <summary>What every value on the command line must be before anything is done with it.</summary>
internal static class OptionChecks
{
    /// <summary>A text that says something.</summary>
    public static Option<T> NotEmpty<T>(this Option<T> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
            {
                result.AddError($"{option.Name} is empty: give it a value, or leave it out.");
            }
        });
        return option;
    }

    /// <summary>A path to write a folder at.</summary>
    public static Option<string> Writable(this Option<string> option)
    {
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && OutputFolder.ProblemOf(path) is { } problem)
            {
                result.AddError($"{option.Name} {(path.Length > 0 ? path : "\"\"")}: {problem}.");
            }
        });
        return option;
    }

    /// <summary>A whole number between two others, in digits and nothing else.</summary>
    public static Option<int?> Between(this Option<int?> option, int least, int most)
    {
        option.CustomParser = result =>
        {
            if (result.Tokens is [{ Value: var text }] && TypedNumber.Parse(text, least, most, out _) is { } value)
            {
                return value;
            }

            result.AddError($"{option.Name} takes a whole number from {least} to {most}, not '{(result.Tokens.Count > 0 ? result.Tokens[^1].Value : "")}'.");
            return null;
        };
        return option;
    }

    /// <summary>Names of files and folders: what begins as an option does, and is no file, is a slip of the pen.</summary>
    public static void AreNames(ArgumentResult result)
    {
        foreach (string text in result.Tokens.Select(token => token.Value).Where(text => text.StartsWith('-') && !Path.Exists(text)))
        {
            result.AddError($"There is no option '{text}'.");
        }

        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError("A SOURCE is empty: name a file or a folder.");
        }
    }
}
