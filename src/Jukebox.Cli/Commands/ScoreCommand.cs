using System.CommandLine;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Songs;

namespace Jukebox.Cli.Commands;

/// <summary><c>score SONG</c>: bits per token by level and second.</summary>
internal static class ScoreCommand
{
    public static Command Create(Session session)
    {
        Argument<string> source = CommonOptions.Path<string>("SONG", "Song folder, as sample or encode wrote it.");
        var hop = new Option<double>("--hop-fraction")
        {
            Description = "New tokens of each further window over its length; less gives tokens more context.",
            DefaultValueFactory = _ => 0.5,
        }.Within(1e-6, 1);
        var level = new Option<int?>("--level") { Description = "Only this level. [default: all]", HelpName = "L" }.Within(0, 63);
        Option<bool> json = CommonOptions.Json();
        var machine = new MachineOptions();
        var command = new CommandWithExample(
            "score", "Says how likely the model finds a song: bits per token, by level and second.", "score song --level 2")
        {
            source, hop, level, json,
        };
        machine.AddTo(command);
        command.SetAction(result =>
        {
            string path = GivenFolder.Song(result.GetRequiredValue(source));
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelOf(result, SongFolder.ReadDescription(path)));
            LevelScore[] scores = SongScore.Of(
                backend, folder, path, result.GetValue(level), result.GetValue(hop), session.Terminal.Note,
                done => session.Terminal.Progress(() => $"level {done.Level}  item {done.Item}  {done.Share:P0} scored"), session.Cancellation);
            session.Tell(scores, ReportJson.Default.LevelScoreArray, result.GetValue(json), Print);
        });
        return command;
    }

    private static void Print(LevelScore[] scores, TextWriter output)
    {
        foreach (LevelScore score in scores)
        {
            output.WriteLine($"level {score.Level}  item {score.Item}  {score.BitsPerToken:0.000} bits per token (knowing nothing: {score.UniformBits:0.000})");
            for (int second = 0; second < score.BitsBySecond.Length; second++)
            {
                output.WriteLine($"  {second,4} s  {score.BitsBySecond[second]:0.000}");
            }
        }
    }
}
