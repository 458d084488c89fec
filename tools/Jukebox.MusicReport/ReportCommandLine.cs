using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using System.Numerics;
using System.Runtime.InteropServices;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;

namespace Jukebox.MusicReport;

/// <summary>The program as a function: arguments in, exit code out.</summary>
/// <param name="output">Takes the report.</param>
/// <param name="error">Takes progress and errors.</param>
/// <param name="isLive">Whether a person watches <paramref name="error"/>, so that a line can be rewritten in place.</param>
public sealed class ReportCommandLine(TextWriter output, TextWriter error, bool isLive)
{
    private const int Success = 0;
    private const int Failed = 1;
    private const int BadUsage = 2;
    private const int Interrupted = 130;
    private const int PlainInterval = 50; // files

    private readonly Argument<string[]> _samples = new("SAMPLES")
    {
        Description = "Folders of samples, each judged by itself: WAV files, or song folders, of which the finest level counts. What was asked of a sample "
            + "is the name of a folder that it lies in (piano/song/level_0/item_0.wav), or stands in --labels. Without it only the reference is measured.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly Option<string> _reference = new("--reference")
    {
        Description = "Folder of the reference music, under the manifest's file names, whatever their ending.",
        HelpName = "FOLDER",
        Required = true,
    };

    private readonly Option<string> _manifest = new("--manifest")
    {
        Description = "Table of the reference, tab-separated, with the columns file, genre (the instrument) and split.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string> _train = new("--train-split") { Description = "Split to learn from.", HelpName = "NAME", DefaultValueFactory = _ => "train" };

    private readonly Option<string> _heldOut = new("--held-out-split") { Description = "Split to compare with.", HelpName = "NAME", DefaultValueFactory = _ => "valid" };

    private readonly Option<string[]> _decoded = new("--decoded")
    {
        Description = "Folder with pieces of the reference as a model gives them back ('jukebox-native evaluate --output' writes them): the classifier "
            + "learns from them too. May be given several times. [default: none]",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _vectors = new("--vectors")
    {
        Description = "Folder with a vector of each piece of the reference ('jukebox-native embed --pool mean --pool-over file' writes them): how well they tell instruments "
            + "and composers (the manifest's column artist), beside timbre. [default: none]",
        HelpName = "FOLDER",
    };

    private readonly Option<string?> _labels = new("--labels")
    {
        Description = "Table with the columns file (a path within SAMPLES) and genre. [default: the folders' names]",
        HelpName = "FILE",
    };

    private readonly Option<double> _seconds = new("--seconds")
    {
        Description = "Length of an excerpt; shorter samples are taken whole.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 10,
    };

    private readonly Option<int> _threads = new("--threads", "-t")
    {
        Description = "Threads to compute on. Results do not depend on it.",
        HelpName = "N",
        DefaultValueFactory = _ => Environment.ProcessorCount,
    };

    private readonly Option<bool> _json = new("--json") { Description = "Print the report as JSON." };

    private readonly Option<bool> _require = new("--require") { Description = "Fail when a limit is missed." };

    private int _width; // of the live line

    /// <summary>Runs one command line.</summary>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="handleSignals">Whether Ctrl-C and SIGTERM stop the work in an orderly way.</param>
    /// <returns>0 done, 1 failed, 2 bad usage, 130 interrupted.</returns>
    public int Run(string[] args, bool handleSignals = false)
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

        mistake.ShowHelp = false;
        configuration.Output = error;
        result.Invoke(configuration);
        error.WriteLine("Try: jukebox-music-report --help");
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
            "Measures whether samples are music, against music: is the instrument heard that was asked for, how far are timbre and pitch classes, are they "
            + "in tune, is anything silent, clipped or a drone.")
        {
            _samples, _reference, _manifest, _train, _heldOut, _decoded, _vectors, _labels, _seconds, _threads, _json, _require,
        };
        _seconds.CustomParser = result => Number(result, "--seconds", 1.0, 600.0);
        _threads.CustomParser = result => Number(result, "--threads", 1, 1024);
        root.Options.Remove(root.Options.Single(option => option is HelpOption));
        root.Options.Add(new HelpOption("--help", "-h") { Action = new HelpThenExample(), Description = "Show this help." });
        root.SetAction(result => Report(result, cancellation));
        return root;
    }

    private static T Number<T>(ArgumentResult result, string name, T least, T most)
        where T : struct, INumber<T>
    {
        string text = result.Tokens[0].Value;
        T? value = TypedNumber.Parse(text, least, most, out string problem);
        if (value is null)
        {
            result.AddError($"{name} {text}: {problem}.");
        }

        return value ?? default;
    }

    private int Report(ParseResult result, CancellationToken cancellation)
    {
        try
        {
            Findings findings = MusicReporter.Run(Request(result), Progress, cancellation);
            EndProgress();
            if (result.GetValue(_json))
            {
                output.WriteLine(findings.ToJson());
            }
            else
            {
                ReportText.Write(findings, output);
            }

            return result.GetValue(_require) && !findings.AllMet ? Failed : Success;
        }
        catch (OperationCanceledException)
        {
            EndProgress();
            return Interrupted;
        }
        catch (Exception e) when (e is JukeboxException or IOException or UnauthorizedAccessException)
        {
            EndProgress();
            error.WriteLine(PlainText.Line(e is JukeboxException ? e.Message : FileFailure.Sentence(e)));
            return Failed;
        }
        catch (Exception e)
        {
            EndProgress();
            error.WriteLine(PlainText.Line($"{e.GetType().Name}: {e.Message} (a fault of this program)."));
            return Failed;
        }
    }

    private ReportRequest Request(ParseResult result) => new()
    {
        Samples = result.GetValue(_samples) ?? [],
        SampleTable = result.GetValue(_labels),
        Reference = result.GetRequiredValue(_reference),
        Manifest = result.GetRequiredValue(_manifest),
        TrainSplit = result.GetRequiredValue(_train),
        HeldOutSplit = result.GetRequiredValue(_heldOut),
        Decoded = result.GetValue(_decoded) ?? [],
        Vectors = result.GetValue(_vectors),
        Seconds = result.GetValue(_seconds),
        Threads = result.GetValue(_threads),
    };

    /// <summary>Called from several threads.</summary>
    private void Progress(string what, int done, int count)
    {
        lock (error)
        {
            string line = $"{what}  {done} of {count} files";
            if (isLive)
            {
                error.Write('\r' + line.PadRight(_width));
                _width = line.Length;
            }
            else if (done % PlainInterval == 0 || done == count)
            {
                error.WriteLine(line);
            }
        }
    }

    private void EndProgress()
    {
        if (_width > 0)
        {
            error.WriteLine();
            _width = 0;
        }
    }

    /// <summary>The library's help, and a command line that works.</summary>
    private sealed class HelpThenExample : SynchronousCommandLineAction
    {
        private readonly HelpAction _help = new();

        public override int Invoke(ParseResult parseResult)
        {
            int code = _help.Invoke(parseResult);
            parseResult.InvocationConfiguration.Output.WriteLine("""
                Example:
                  jukebox-music-report samples --reference audio --manifest manifest.tsv
                """);
            return code;
        }
    }
}
