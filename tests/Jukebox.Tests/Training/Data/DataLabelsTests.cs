using Jukebox.Models.Labels;
using Jukebox.Recordings.Folders;
using Jukebox.Training;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Training.Data;

/// <summary>Label tables of a data set.</summary>
public sealed class DataLabelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void NamesComeInOrderAfterUnknown()
    {
        (LabelTableText artists, LabelTableText genres) = DataLabels.Of(3, [TrackOf("Zoë", "Folk Rock"), TrackOf("adam", ""), TrackOf("ADAM", "unknown"), TrackOf("", "")], null);
        Assert.Equal(("unknown;0\nadam;1\nzoë;2\n", 3), (artists.Text, artists.Rows));
        Assert.Equal(("unknown;0\nfolk rock;1\n", 2), (genres.Text, genres.Rows));
    }

    [Fact]
    public void TheSecondGenerationsGenresAreWords()
    {
        (LabelTableText artists, LabelTableText genres) = DataLabels.Of(2, [TrackOf("The Band!", "Folk Rock"), TrackOf("", "Rock")], null);
        Assert.Equal("unknown;0\nthe_band;1\n", artists.Text);
        Assert.Equal("unknown;0\nfolk;1\nrock;2\n", genres.Text);
        Assert.Equal("labels/v2_genre_ids.txt", genres.Path);
    }

    [Fact]
    public void AModelsTablesStayAndGrow()
    {
        _folder.Write("labels/v3_artist_ids.txt", "unknown;0\nadam;5\nold adam;5\n");
        (LabelTableText artists, _) = DataLabels.Of(3, [TrackOf("Adam", ""), TrackOf("Eve", "")], LabelTables.Open(_folder.Path));
        Assert.Equal(("unknown;0\nadam;5\nold adam;5\neve;6\n", 7), (artists.Text, artists.Rows));
    }

    [Fact]
    public void AGenreOfTooManyWordsIsNamedBeforeTheRunBegins()
    {
        TrainingSettings settings = TrainingPresets.Find("upsampler_level_1");
        TrainingException e = Assert.Throws<TrainingException>(
            () => PriorResolver.LabelsOf(settings, [TrackOf("", "a b c d e"), TrackOf("", "one two three four five six")], LabelTables.Open(_folder.Path), false));
        Assert.StartsWith("x: its genre 'one two three four five six' has more than 5 words", e.Message, StringComparison.Ordinal);
    }

    private static Track TrackOf(string artist, string genre) => new("x", "", 0, artist, genre, "", TrackSplit.Unstated);
}
