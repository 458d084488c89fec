using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using Jukebox.Conversion.Sources;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Shell;

/// <summary>The program as a function: arguments in, exit code out.</summary>
/// <param name="output">Takes the report.</param>
/// <param name="error">Takes progress, notes and errors.</param>
/// <param name="isLive">Whether a person watches <paramref name="error"/>, so that a line can be rewritten in place.</param>
/// <param name="home">The user's home folder, in which caches are sought, if there is one.</param>
/// <param name="current">The current folder, in which models are sought, if there still is one.</param>
/// <param name="environment">Value of an environment variable, or null; without it no variable is set.</param>
public sealed class ConvertCommandLine(
    TextWriter output, TextWriter error, bool isLive, string? home, string? current, Func<string, string?>? environment = null)
{
    private const int Success = 0;
    private const int Failed = 1;
    private const int BadUsage = 2;
    private const int Interrupted = 130;
    private const int FinestLevel = 0, CoarsestLevel = 7;
    private const int LongestMessage = 4000;
    private const string FolderTarget = "folder";
    private const string CheckpointTarget = "pth";

    private readonly Argument<string[]> _sources = new("SOURCE")
    {
        Description = "Checkpoint files (.pth.tar, .pth, .pt), a folder of them, a Hugging Face repository (its folder), or a model folder to store in "
            + "another type or to turn back into checkpoints. May be left out with --model.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _output = new Option<string>("--output", "-o") { Description = "Folder to write.", HelpName = "FOLDER", Required = true }.Writable();

    private readonly Option<string> _target = new("--to")
    {
        Description = $"What to write: {FolderTarget}, a model folder for jukebox-native; or {CheckpointTarget}, vqvae.pth.tar and prior_level_N.pth.tar in "
            + "PyTorch's zip format, which OpenAI's own program loads.",
        DefaultValueFactory = _ => FolderTarget,
        HelpName = "FORMAT",
    };

    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "Published set: 5b, 5b_lyrics or 1b_lyrics. Without SOURCE its files are sought in the caches below the home folder; with SOURCE it "
            + "fills in hyperparameters that the files lack. [default: none]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _type = new("--dtype")
    {
        Description = "Storage of the priors' matrices: f32, bf16 or f16. Biases, norms and the VQ-VAE are always f32. [default: f32; with --to pth as they are]",
        HelpName = "TYPE",
    };

    private readonly Option<string?> _labels = new Option<string?>("--labels")
    {
        Description = "Folder with v2_artist_ids.txt, v2_genre_ids.txt, v3_artist_ids.txt, v3_genre_ids.txt (jukebox/data/ids of OpenAI's repository), or "
            + "with artists.json and genres.json. [default: beside the source]",
        HelpName = "FOLDER",
    }.NotEmpty();

    private readonly Option<int?> _level = new Option<int?>("--level")
    {
        Description = "Level that the one prior among the sources is for, 0 the finest. [default: from its name or hyperparameters]",
        HelpName = "N",
    }.Between(FinestLevel, CoarsestLevel);

    private readonly Option<string?> _name = new Option<string?>("--name")
    {
        Description = "Name in the model's description. [default: the published name, or the folder's]",
        HelpName = "TEXT",
    }.NotEmpty();

    private readonly Option<string?> _licence = new Option<string?>("--licence")
    {
        Description = "Licence in the model's description, for weights of your own. [default: a note that OpenAI's weights are noncommercial]",
        HelpName = "TEXT",
    }.NotEmpty();

    private readonly Option<bool> _expansion = new("--allow-expansion")
    {
        Description = "Write tensors that are larger than what their files hold of them, because they repeat or share it. [default: false]",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Replace a folder of the same kind that exists. [default: false]" };

    /// <summary>Runs one command line.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="handleSignals">Whether Ctrl-C and SIGTERM stop the conversion in an orderly way.</param>
    /// <returns>0 done, 1 failed, 2 bad usage, 130 interrupted.</returns>
    public int Run(string[] args, bool handleSignals = false)
    {
        try
        {
            return current is null ? Fail("The current folder has been deleted; change to one that is there, and run the command again.") : Parse(args, handleSignals);
        }
        catch (Exception e)
        {
            return Fail($"Unexpected {e.GetType().Name}: {e.Message.TrimEnd('.')} (a fault of this program); please report it with the command line.");
        }
    }

    private int Parse(string[] args, bool handleSignals)
    {
        using var cancellation = new CancellationTokenSource();
        using PosixSignalRegistration? interrupt = handleSignals ? PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel) : null;
        using PosixSignalRegistration? terminate = handleSignals ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel) : null;
        ParseResult result = BuildRoot(cancellation.Token).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        if (result.Action is not ParseErrorAction mistake)
        {
            return result.Invoke(configuration);
        }

        // The library repeats what was typed, which may have come from anywhere.
        using var text = new StringWriter();
        mistake.ShowHelp = false;
        configuration.Output = text;
        configuration.Error = text;
        result.Invoke(configuration);
        foreach (string line in text.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
        {
            error.WriteLine((line.StartsWith('\t') ? "  " : "") + Shown(line.TrimStart('\t')));
        }

        error.WriteLine("Try: jukebox-convert --help");
        return BadUsage;

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            cancellation.Cancel();
        }
    }

    private RootCommand BuildRoot(CancellationToken cancellation)
    {
        var root = new RootCommand(
            "Converts Jukebox checkpoints to model folders for jukebox-native, and back. Reads PyTorch's stream and zip formats and safetensors; executes "
            + "nothing of what it reads; downloads nothing.")
        {
            _sources, _output, _target, _model, _type, _labels, _level, _name, _licence, _expansion, _force,
        };
        _target.AcceptOnlyFromAmong(FolderTarget, CheckpointTarget);
        _type.AcceptOnlyFromAmong("f32", "bf16", "f16");
        _model.AcceptOnlyFromAmong([.. PublishedModels.Names]);
        _sources.Validators.Add(OptionChecks.AreNames);
        root.Validators.Add(result =>
        {
            if (result.GetValue(_sources) is not { Length: > 0 } && result.GetValue(_model) is null)
            {
                result.AddError("Name a SOURCE, or a published model with --model.");
            }
        });
        root.Options.Remove(root.Options.Single(option => option is HelpOption));
        root.Options.Add(new HelpOption("--help", "-h") { Action = new HelpThenExamples(), Description = "Show this help." });
        root.SetAction(result => Convert(result, cancellation));
        return root;
    }

    private int Convert(ParseResult result, CancellationToken cancellation)
    {
        using var progress = new ProgressLine(error, isLive, TimeProvider.System);
        try
        {
            ConversionReport report = ModelConverter.Run(Request(result), progress, cancellation);
            progress.End();
            Write(report, result.GetRequiredValue(_output));
            return Success;
        }
        catch (OperationCanceledException)
        {
            progress.End();
            error.WriteLine("Interrupted: nothing was written. Run the same command again to start over.");
            return Interrupted;
        }
        catch (Exception e) when (e is JukeboxException or IOException or UnauthorizedAccessException)
        {
            progress.End();
            return Fail(e is JukeboxException ? e.Message : FileFailure.Sentence(e));
        }
        catch (OutOfMemoryException)
        {
            progress.End();
            return Fail("There is not enough memory for this conversion; close other programs and run it again.");
        }
    }

    /// <summary>One sentence about what went wrong, if anybody can still be told.</summary>
    private int Fail(string message)
    {
        try
        {
            error.WriteLine(Shown(message));
        }
        catch (IOException)
        {
            // The exit code remains.
        }

        return Failed;
    }

    /// <summary>Text as it is printed: one line, not endless, that leaves the terminal as it is.</summary>
    private static string Shown(string text) => PlainText.Line(text.Length > LongestMessage ? text[..LongestMessage] + "…" : text);

    private ConversionRequest Request(ParseResult result)
    {
        string? model = result.GetValue(_model);
        return new ConversionRequest
        {
            Sources = new SourceFinder(home, current, environment).Resolve(result.GetValue(_sources) ?? [], model),
            Output = result.GetRequiredValue(_output),
            Target = result.GetValue(_target) == CheckpointTarget ? TargetFormat.Checkpoints : TargetFormat.ModelFolder,
            PublishedName = model,
            Type = result.GetValue(_type) switch
            {
                "bf16" => ElementType.BF16,
                "f16" => ElementType.F16,
                "f32" => ElementType.F32,
                _ => null,
            },
            LabelFolder = result.GetValue(_labels),
            Level = result.GetValue(_level),
            Name = result.GetValue(_name),
            Licence = result.GetValue(_licence),
            AllowExpansion = result.GetValue(_expansion),
            Force = result.GetValue(_force),
        };
    }

    private void Write(ConversionReport report, string folder)
    {
        foreach (SourceReport source in report.Sources)
        {
            output.WriteLine(Shown($"read   {source.Path}  {source.Format}  {Text.Bytes(source.Digest.LengthBytes)}  SHA-256 {source.Digest.Sha256}"));
        }

        foreach ((string name, FileDigest digest) in report.Description.Files)
        {
            output.WriteLine(Shown($"wrote  {Path.Combine(folder, name)}  {Text.Bytes(digest.LengthBytes)}  SHA-256 {digest.Sha256}"));
        }

        string levels = report.Description.Priors.Length == 0 ? "no priors" : $"priors of level {string.Join(", ", report.Description.Priors.Select(prior => prior.Level))}";
        output.WriteLine(Shown($"{report.Description.Name}: {report.Description.VqVae.Levels} levels, {levels}. Licence: {report.Description.Licence}"));
        foreach (string note in report.Notes)
        {
            error.WriteLine(Shown($"Note: {note}"));
        }
    }

    /// <summary>The library's help, and command lines that work.</summary>
    private sealed class HelpThenExamples : SynchronousCommandLineAction
    {
        private readonly HelpAction _help = new();

        public override int Invoke(ParseResult parseResult)
        {
            int code = _help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine(
                """
                Examples:
                  jukebox-convert --model 1b_lyrics --labels jukebox/data/ids --output models/1b_lyrics
                  jukebox-convert vqvae.pth.tar prior_level_0.pth.tar prior_level_1.pth.tar prior_level_2.pth.tar -o models/mine --licence "CC BY 4.0"
                  jukebox-convert jukebox-5b-lyrics --dtype bf16 -o models/5b_lyrics
                  jukebox-convert models/5b_lyrics --dtype f16 -o models/5b_lyrics_f16
                  jukebox-convert models/mine --to pth -o checkpoints/mine

                Exit codes: 0 done, 1 failed (one sentence says what to do), 2 bad usage, 130 interrupted.
                """);
            return code;
        }
    }
}
