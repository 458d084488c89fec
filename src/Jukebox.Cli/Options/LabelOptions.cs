using System.CommandLine;
using Jukebox.Core.Errors;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Cli.Options;

/// <summary>Options that say who and what a song sounds like.</summary>
internal sealed class LabelOptions
{
    private readonly Option<string?> _artist = new("--artist")
    {
        Description = "Artist, as the model's tables name it ('labels' searches them). [default: unknown]",
        HelpName = "NAME",
    };

    private readonly Option<string?> _genre = new("--genre") { Description = "Genre, likewise. [default: unknown]", HelpName = "NAME" };
    private readonly Option<string?> _lyrics = new("--lyrics") { Description = "Lyrics. [default: none]", HelpName = "TEXT" };
    private readonly Option<string?> _lyricsFile = new("--lyrics-file") { Description = "File with the lyrics, UTF-8.", HelpName = "FILE" };

    private readonly Option<double?> _total = new Option<double?>("--total-seconds", "--total-sample-length-in-seconds")
    {
        Description = "Length of the imagined whole song, which tells the model where in it the audio stands. [default: the model's own, mostly 180; at "
            + "least the end of the audio]",
        HelpName = "SECONDS",
    }.Within(1e-3, 1e6);

    private readonly Option<bool> _allowUnknown = new("--allow-unknown")
    {
        Description = "Sample even where the coarsest level knows the artist or the genre only as \"unknown\".",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_artist);
        command.Options.Add(_genre);
        command.Options.Add(_lyrics);
        command.Options.Add(_lyricsFile);
        command.Options.Add(_total);
        command.Options.Add(_allowUnknown);
    }

    /// <summary>
    /// The request with what was given; the rest as it was, or as the items of the song have it that this one is made from.
    /// These and their number are in the request already.
    /// </summary>
    public SampleRequest Apply(ParseResult result, SampleRequest request)
    {
        string? artist = result.GetValue(_artist);
        string? genre = result.GetValue(_genre);
        string? lyrics = Lyrics(result);
        if (artist is not null || genre is not null || lyrics is not null)
        {
            SongLabel[] old = request.Labels ?? (request.Source is { } source ? LabelsOf(source, request.Items?.Length ?? request.Count) : [new SongLabel()]);
            request = request with { Labels = [.. old.Select(label => new SongLabel(artist ?? label.Artist, genre ?? label.Genre, lyrics ?? label.Lyrics))] };
        }

        return request with { TotalSeconds = result.GetValue(_total) ?? request.TotalSeconds };
    }

    /// <summary>Whether names that the coarsest level does not know are meant.</summary>
    public bool AllowUnknown(ParseResult result) => result.GetValue(_allowUnknown);

    /// <summary>The labels of a song's chosen items, over and over for that many new ones.</summary>
    private static SongLabel[] LabelsOf(SourceRequest source, int? count)
    {
        SongDescription song = SongFolder.ReadDescription(source.Song);
        SongLabel[] all = song.Request.Labels!, chosen = source.Items is { } items
            ? [.. items.Select(item => Array.IndexOf(song.Items, item)).Where(row => row >= 0).Select(row => all[row])]
            : all;
        return chosen.Length == 0 ? all : [.. Enumerable.Range(0, count ?? chosen.Length).Select(i => chosen[i % chosen.Length])];
    }

    private string? Lyrics(ParseResult result)
    {
        if (result.GetValue(_lyricsFile) is not { } path)
        {
            return result.GetValue(_lyrics);
        }

        return result.GetValue(_lyrics) is null
            ? LyricsText.Load(path)
            : throw new UsageException("Give the lyrics as --lyrics or as --lyrics-file, not both.");
    }
}
