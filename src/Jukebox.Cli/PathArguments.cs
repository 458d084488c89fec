using System.CommandLine;
using System.CommandLine.Parsing;

namespace Jukebox.Cli;

/// <summary>Refuses an empty text where a file or folder is meant: a script's unset variable, mostly.</summary>
internal static class PathArguments
{
    private static readonly string[] Named = ["FILE", "FOLDER", "RUN", "SONG", "AUDIO", "MODEL", "CODES"];

    /// <summary>Checks every option and argument of a command, and of those below it, that takes a path.</summary>
    public static void RefuseEmpty(Command command)
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
            RefuseEmpty(inner);
        }
    }

    private static bool IsPath(string? name) => name is not null && Named.Any(kind => name.StartsWith(kind, StringComparison.Ordinal));

    private static void Check(SymbolResult result, string name, string kind)
    {
        if (result.Tokens.Any(token => string.IsNullOrWhiteSpace(token.Value)))
        {
            result.AddError($"{name}: {(kind.StartsWith('F') ? "a path" : $"the path of {kind}")} is expected, and the text is empty.");
        }
    }
}
