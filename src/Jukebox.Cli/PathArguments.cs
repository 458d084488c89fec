using System.CommandLine;
using System.CommandLine.Parsing;
using Jukebox.Core.Files;

namespace Jukebox.Cli;

/// <summary>
/// Refuses what cannot be a file or folder where one is meant: an empty text (a script's unset variable, mostly), and a name that is not
/// UTF-8, whose bytes did not reach this program.
/// </summary>
internal static class PathArguments
{
    private static readonly string[] Named = ["FILE", "FOLDER", "RUN", "SONG", "AUDIO", "MODEL", "CODES"];

    /// <summary>Checks every option and argument of a command, and of those below it, that takes a path.</summary>
    public static void Check(Command command)
    {
        foreach (Option option in command.Options.Where(option => IsPath(option.HelpName)))
        {
            option.Validators.Add(result => Check(result, option.Name, option.HelpName!));
        }

        foreach (Argument argument in command.Arguments.Where(argument => IsPath(argument.Name)))
        {
            argument.Validators.Add(result => Check(result, argument.Name, argument.Name));
        }

        foreach (Command inner in command.Subcommands)
        {
            Check(inner);
        }
    }

    private static bool IsPath(string? name) => name is not null && Named.Any(kind => name.StartsWith(kind, StringComparison.Ordinal));

    private static void Check(SymbolResult result, string name, string kind)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"{name}: {(kind.StartsWith('F') ? "a path" : $"the path of {kind}")} is expected, and the text is empty.");
        }

        if (result.Tokens.FirstOrDefault(token => FilePath.IsUnreadable(token.Value)) is { } token)
        {
            result.AddError($"{name} {token.Value}: the name is not UTF-8, and such a file cannot be opened here; rename it.");
        }
    }
}
