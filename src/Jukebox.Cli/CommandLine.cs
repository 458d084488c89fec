using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Jukebox.Cli.Commands;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Studio.Devices;

namespace Jukebox.Cli;

/// <summary>The whole program as a function: arguments in, exit code out.</summary>
public static class CommandLine
{
    private const int ShortWord = 3;

    /// <summary>Runs one command line.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="terminal">Where results, progress and errors go.</param>
    /// <param name="limits">What the machine has to spare.</param>
    /// <param name="handleSignals">Whether Ctrl-C and SIGTERM interrupt the run in an orderly way.</param>
    public static int Run(string[] args, Terminal terminal, MachineResources limits, bool handleSignals = false)
    {
        var verbose = new Option<bool>("--verbose") { Description = "Show where in the program an error arose.", Recursive = true };
        using var interruption = new Interruption(handleSignals, () => terminal.Note("Stopping after this step; Ctrl-C again to stop at once."));
        var session = new Session(terminal, limits, interruption.Token);
        RootCommand root = BuildRoot(session);
        root.Options.Add(verbose);
        ParseResult? result = null;
        var configuration = new InvocationConfiguration
        {
            Output = terminal.Output,
            Error = terminal.ErrorWriter,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            result = root.Parse(ArgumentNormalizer.Normalize(args), new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (result.Action is ParseErrorAction mistake)
            {
                using var said = new StringWriter();
                mistake.ShowHelp = false;
                mistake.ShowTypoCorrections = result.CommandResult.Command == root || result.UnmatchedTokens.All(token => token.Length > ShortWord); // -h is near to short words
                configuration.Output = said;
                configuration.Error = said;
                result.Invoke(configuration);
                terminal.Note(said.ToString().TrimEnd());
                terminal.Note($"Try: {result.CommandResult.Command.FullName()} --help");
                return ExitCode.BadUsage;
            }

            return result.Invoke(configuration);
        }
        catch (Exception e)
        {
            return Report(e, terminal, result?.GetValue(verbose) ?? false);
        }
    }

    private static int Report(Exception e, Terminal terminal, bool verbose)
    {
        if (e is OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }

        terminal.DropAside();

        terminal.Note(e is IOException or UnauthorizedAccessException ? FileFailure.Sentence(e)
            : e is OutOfMemoryException ? "There is not enough memory for this; close other programs, or ask for less at once."
            : e is JukeboxException ? e.Message : $"{e.GetType().Name}: {e.Message} (a fault of this program; --verbose shows where).");
        if (verbose)
        {
            terminal.Note(e.ToString());
        }

        return e is UsageException ? ExitCode.BadUsage : ExitCode.Failed;
    }

    /// <summary>Every command with its options.</summary>
    internal static RootCommand BuildRoot(Session session)
    {
        var root = new RootCommand("Makes music as raw audio with OpenAI's Jukebox, on this machine, without a deep-learning framework.");
        root.Options.Remove(root.Options.Single(option => option is HelpOption));
        root.Options.Add(CommandWithExample.HelpOption());
        root.Subcommands.Add(InfoCommand.Create(session));
        root.Subcommands.Add(EncodeCommand.Create(session));
        root.Subcommands.Add(DecodeCommand.Create(session));
        root.Subcommands.Add(SampleCommand.Create(session));
        root.Subcommands.Add(ContinueCommand.Create(session));
        root.Subcommands.Add(UpsampleCommand.Create(session));
        root.Subcommands.Add(ScoreCommand.Create(session));
        root.Subcommands.Add(EvaluateCommand.Create(session));
        root.Subcommands.Add(EmbedCommand.Create(session));
        root.Subcommands.Add(LabelsCommand.Create(session));
        root.Subcommands.Add(PlanCommand.Create(session));
        root.Subcommands.Add(VerifyCommand.Create(session));
        root.Subcommands.Add(TrainCommand.Create(session));
        root.Subcommands.Add(BenchCommand.Create(session));
        root.Subcommands.Add(CompletionCommand.Create(session));
        root.Subcommands.Add(RandomModelCommand.Create(session));
        PathArguments.Check(root);
        return root;
    }
}
