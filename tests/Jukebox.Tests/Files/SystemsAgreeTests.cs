using System.Text.Json.Serialization;
using Jukebox.Cli;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.MusicReport;
using Jukebox.Songs.Folder;
using Jukebox.Training.Runs;
using Xunit;

namespace Jukebox.Tests.Files;

/// <summary>What is written is the same on every system.</summary>
public sealed class SystemsAgreeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void JsonEndsItsLinesAlikeEverywhere()
    {
        Type[] contexts =
        [
            .. new[] { typeof(CommandLine), typeof(FilePath), typeof(ModelFolder), typeof(SongFolder), typeof(RunFolder), typeof(ReportCommandLine) }
                .SelectMany(type => type.Assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(JsonSerializerContext))),
        ];
        Assert.True(contexts.Length >= 5, $"{contexts.Length} contexts");
        foreach (Type context in contexts)
        {
            var options = (JsonSourceGenerationOptionsAttribute?)Attribute.GetCustomAttribute(context, typeof(JsonSourceGenerationOptionsAttribute));
            Assert.True(options is not { WriteIndented: true } || options.NewLine == "\n", $"{context.Name} leaves line ends to the system");
        }
    }

    [Fact]
    public void TwoPathsToOnePlaceAreTheSame()
    {
        string song = Directory.CreateDirectory(_folder["song"]).FullName;
        Assert.True(FilePath.AreSame(song, song + Path.DirectorySeparatorChar));
        Assert.True(FilePath.AreSame(song, Path.Combine(song, "..", "song")));
        Assert.False(FilePath.AreSame(song, _folder["song2"]));
        Assert.Equal(!OperatingSystem.IsLinux(), FilePath.AreSame(song, _folder["SONG"]));
    }
}
