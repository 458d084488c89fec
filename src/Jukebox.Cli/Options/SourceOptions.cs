using System.CommandLine;
using System.CommandLine.Parsing;
using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Options;

/// <summary>Options of <c>sample</c> that say what a song starts from, the original's included.</summary>
internal sealed class SourceOptions
{
    private readonly Option<string[]> _prompt = new("--prompt")
    {
        Description = "Recording to go on from, or a stretch of it: file@12.5-24. May be given several times, one for each item. [default: none]",
        HelpName = "FILE[@START-END]",
    };

    private readonly Option<string?> _audioFile = new("--audio-file")
    {
        Description = "The same, as the original has it: files with commas between.",
        HelpName = "FILE[,FILE]",
    };

    private readonly Option<double?> _promptLength = new Option<double?>("--prompt-length-in-seconds")
    {
        Description = "How much of the recording, or of the codes, to keep. [default: all]",
        HelpName = "SECONDS",
    }.Within(1e-3, 1e6);

    private readonly Option<string?> _codesFile = new("--codes-file") { Description = "Song folder to continue or upsample (see those commands).", HelpName = "FOLDER" };
    private readonly Option<SamplingMode?> _mode = new("--mode")
    {
        Description = "ancestral, primed, continue or upsample. [default: follows from the other options]",
        CustomParser = ModeOf,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_prompt);
        command.Options.Add(_audioFile);
        command.Options.Add(_promptLength);
        command.Options.Add(_codesFile);
        command.Options.Add(_mode);
    }

    /// <summary>The request with what was given.</summary>
    public SampleRequest Apply(ParseResult result, SampleRequest request, CancellationToken cancellation)
    {
        double? length = result.GetValue(_promptLength);
        PromptRequest[] prompts = [.. Files(result).Select(text => Prompt(text, length, cancellation))];
        return request with
        {
            Mode = result.GetValue(_mode) ?? request.Mode,
            Prompts = prompts.Length > 0 ? prompts : request.Prompts,
            Source = result.GetValue(_codesFile) is { } codes ? new SourceRequest(GivenFolder.Song(codes), null, 0, length) : request.Source,
        };
    }

    private IEnumerable<string> Files(ParseResult result)
    {
        string[] named = (result.GetValue(_audioFile) ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return result.GetValue(_audioFile) is null || named.Length > 0
            ? [.. result.GetValue(_prompt) ?? [], .. named]
            : throw new UsageException("--audio-file names no file; give one, or leave it out.");
    }

    private static SamplingMode? ModeOf(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Enum.GetNames<SamplingMode>().Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            return Enum.Parse<SamplingMode>(text, ignoreCase: true);
        }

        result.AddError($"--mode {text}: there is no such mode; the modes are {string.Join(", ", Enum.GetNames<SamplingMode>())}.");
        return null;
    }

    private static PromptRequest Prompt(string text, double? lengthSeconds, CancellationToken cancellation)
    {
        AudioRange range = AudioRange.Parse(text);
        PipedRecording.Take(range.Path, cancellation);
        double? kept = range.StartSeconds + lengthSeconds, end = range.EndSeconds;
        return new PromptRequest(range.Path, range.StartSeconds, end is null || kept < end ? kept : end);
    }
}
