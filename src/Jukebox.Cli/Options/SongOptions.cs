using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Jukebox.Models;

namespace Jukebox.Cli.Options;

/// <summary>Options that say how much of a song is made and where it goes.</summary>
internal sealed class SongOptions
{
    private readonly Option<double?> _seconds;
    private readonly Option<int?> _count = new("--count", "-n", "--n-samples") { Description = "Items: songs made side by side, each with draws of its own. [default: 1, or one for each prompt or source item]", HelpName = "N" };
    private readonly Option<string?> _output = new("--output", "-o", "--name") { Description = "Folder for the song. [default: named after the artist, the prompt or the source, and the seed]", HelpName = "FOLDER" };
    private readonly Option<bool> _force = CommonOptions.Force();

    public SongOptions(string secondsDescription)
    {
        _seconds = new Option<double?>("--seconds", "--sample-length-in-seconds") { Description = secondsDescription, HelpName = "SECONDS" };
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_seconds);
        command.Options.Add(_count);
        command.Options.Add(_output);
        command.Options.Add(_force);
    }

    /// <summary>The request with what was given.</summary>
    public SampleRequest Apply(ParseResult result, SampleRequest request) => request with
    {
        Seconds = result.GetValue(_seconds) ?? request.Seconds,
        Count = result.GetValue(_count) ?? request.Count,
    };

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
