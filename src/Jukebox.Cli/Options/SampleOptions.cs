using System.CommandLine;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Options;

/// <summary>Everything that makes a request: what <c>sample</c> and <c>plan</c> take.</summary>
internal sealed class SampleOptions
{
    private readonly Option<string?> _request = new("--request")
    {
        Description = "JSON file with a request, as song.json holds one; options given beside it win.",
        HelpName = "FILE",
    };

    private readonly Option<int?> _sampleRate = new Option<int?>("--sr")
    {
        Description = "Accepted for the original's sake: must be the model's own sample rate.",
        HelpName = "HZ",
    }.Within(1, 10_000_000);

    public MachineOptions Machine { get; } = new();

    public SongOptions Song { get; } = new("Length of the audio, prompt included. [default: 20]");

    public LabelOptions Labels { get; } = new();

    public DrawOptions Draws { get; } = new();

    public SourceOptions Source { get; } = new();

    public void AddTo(Command command)
    {
        Labels.AddTo(command);
        Song.AddTo(command);
        Source.AddTo(command);
        Draws.AddTo(command);
        command.Options.Add(_request);
        command.Options.Add(_sampleRate);
        Machine.AddTo(command);
    }

    /// <summary>The request that the options spell.</summary>
    public SampleRequest Request(ParseResult result, ModelDescription model, CancellationToken cancellation)
    {
        SampleRequest request = result.GetValue(_request) is { } path ? SongFolder.ReadRequest(path) : new SampleRequest();
        request = Draws.Apply(result, Labels.Apply(result, Song.Apply(result, Source.Apply(result, request, cancellation), model)), model);
        if (result.GetValue(_sampleRate) is { } rate && rate != model.SampleRateHz)
        {
            throw new UsageException($"--sr {rate}: the model '{model.Name}' makes audio of {model.SampleRateHz} Hz and nothing else; leave --sr out.");
        }

        return request;
    }
}
