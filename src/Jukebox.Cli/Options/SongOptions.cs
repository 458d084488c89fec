using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Options;

/// <summary>Options that say how much of a song is made and where it goes.</summary>
internal sealed class SongOptions
{
    private readonly Option<double?> _seconds = new Option<double?>("--seconds", "--sample-length-in-seconds") { HelpName = "SECONDS" }.Within(1e-3, 1e6);

    private readonly Option<int?> _count = new Option<int?>("--count", "-n", "--n-samples")
    {
        Description = "Items: songs made side by side, each with draws of its own. [default: 1, or one for each prompt or source item]",
        HelpName = "N",
    }.Within(1, 65_536);

    private readonly Option<int?> _levels = new Option<int?>("--levels")
    {
        Description = "How many levels to sample, the coarsest first: 1 is a quick, muffled draft. [default: all]",
        HelpName = "N",
    }.Within(1, 64);

    private readonly Option<string?> _output = new("--output", "-o", "--name")
    {
        Description = "Folder for the song. [default: named after the artist, the prompt or the source, and the seed]",
        HelpName = "FOLDER",
    };

    private readonly Option<bool> _force = CommonOptions.Force();

    private readonly bool _hasLength;

    /// <summary>Options of a command that makes songs of a length to be chosen.</summary>
    public SongOptions(string secondsDescription)
    {
        _seconds.Description = secondsDescription;
        _hasLength = true;
    }

    /// <summary>Options of a command whose songs are as long as their source, with levels of their own.</summary>
    public SongOptions()
    {
    }

    public void AddTo(Command command)
    {
        if (_hasLength)
        {
            command.Options.Add(_seconds);
            command.Options.Add(_levels);
        }

        command.Options.Add(_count);
        command.Options.Add(_output);
        command.Options.Add(_force);
    }

    /// <summary>The request with what was given.</summary>
    public SampleRequest Apply(ParseResult result, SampleRequest request, ModelDescription model) => request with
    {
        Seconds = _hasLength ? result.GetValue(_seconds) ?? request.Seconds : request.Seconds,
        Count = result.GetValue(_count) ?? request.Count,
        SampleLevels = _hasLength && result.GetValue(_levels) is { } count ? LevelsFromTop(count, request.Mode, model) : request.SampleLevels,
    };

    private static int[] LevelsFromTop(int count, SamplingMode? mode, ModelDescription model)
    {
        int levels = model.VqVae.Levels;
        if (count < 1 || count > levels)
        {
            throw new UsageException($"--levels {count}: the model has {levels} levels.");
        }

        // In the mode that refines a song the coarsest level is there already.
        int first = mode == SamplingMode.Upsample ? levels - 2 : levels - 1;
        return [.. Enumerable.Range(levels - count, first - (levels - count) + 1).Reverse()];
    }

    public bool Force(ParseResult result) => result.GetValue(_force);

    /// <summary>The folder that was named, or one named after what the song is made from and its seed.</summary>
    public string Output(ParseResult result, SampleRequest request)
    {
        if (result.GetValue(_output) is { } given)
        {
            return given;
        }

        string subject = request.Source is { } source ? Path.GetFileName(Path.TrimEndingDirectorySeparator(source.Song))
            : request.Prompts is { Length: > 0 } prompts ? Path.GetFileNameWithoutExtension(prompts[0].File)
            : request.Labels is { Length: > 0 } labels ? labels[0].Artist
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{FileName(subject)}-{request.Seed}");
    }

    /// <summary>Option of a comma-separated list of item numbers.</summary>
    public static Option<int[]?> Items() => new("--items", "--item")
    {
        Description = "Items of the song to use, by number: 0,2. [default: all]",
        HelpName = "N[,N]",
        CustomParser = ParseItems,
    };

    /// <summary>The items that were given, or none for all: the library makes an absent list an empty one.</summary>
    public static int[]? ItemsOf(ParseResult result, Option<int[]?> option) => result.GetValue(option) is { Length: > 0 } items ? items : null;

    private static int[]? ParseItems(ArgumentResult result)
    {
        var items = new List<int>();
        foreach (string part in result.Tokens[0].Value.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int item))
            {
                result.AddError($"--items {result.Tokens[0].Value}: '{part}' is not the number of an item.");
                return null;
            }

            items.Add(item);
        }

        return [.. items];
    }

    private static string FileName(string text)
    {
        var name = new StringBuilder();
        foreach (char c in text)
        {
            name.Append(char.IsLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-');
        }

        string joined = string.Join('-', name.ToString().Split('-', StringSplitOptions.RemoveEmptyEntries));
        return joined.Length == 0 ? "song" : joined;
    }
}
