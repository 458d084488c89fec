using System.CommandLine;
using Jukebox.Core.Errors;
using Jukebox.Studio.Models;

namespace Jukebox.Cli;

/// <summary>Options that several commands share, so that they are called and explained alike.</summary>
internal static class CommonOptions
{
    public static Option<bool> Json() => new("--json") { Description = "Print the result as JSON." };

    public static Option<string?> Model() => new("--model", "-m")
    {
        Description = $"Model folder. [default: ${ModelLocator.Variable}, else the shipped weights/tiny]",
        HelpName = "FOLDER",
    };

    /// <summary>An argument that may not look like an option: a misspelt option is then an error, not a file name.</summary>
    public static Argument<T> Path<T>(string name, string description)
    {
        var argument = new Argument<T>(name) { Description = description };
        argument.Validators.Add(result =>
        {
            if (result.Tokens.FirstOrDefault(token => token.Value.StartsWith("--", StringComparison.Ordinal)) is { } token)
            {
                result.AddError($"There is no option '{token.Value}'.");
            }
        });
        return argument;
    }

    public static Option<int> Threads() => new Option<int>("--threads", "-t")
    {
        Description = "Threads of the processor to compute on. Results do not depend on it.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    }.Within(1, 1024);

    public static Option<bool> Force() => new("--force") { Description = "Replace what is already there." };

    /// <summary>Refuses options that begin something and cannot change when it goes on.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="options">The options.</param>
    /// <param name="what">What goes on, in a word.</param>
    /// <exception cref="UsageException">One was given.</exception>
    public static void RefuseGiven(ParseResult result, IEnumerable<Option> options, string what)
    {
        if (options.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } given)
        {
            throw new UsageException($"{given.Name} cannot change when a {what} goes on; leave it out, or begin another {what}.");
        }
    }
}
