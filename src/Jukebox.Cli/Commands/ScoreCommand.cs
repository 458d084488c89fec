using System.CommandLine;
using System.Text.Json;
using Jukebox.Cli.Options;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Studio;
using Jukebox.Studio.Songs;

namespace Jukebox.Cli.Commands;

/// <summary><c>score SONG</c>: bits per token by level and second.</summary>
internal static class ScoreCommand
{
    public static Command Create(Session session)
    {
        Argument<string> source = CommonOptions.Path<string>("SONG", "Song folder, as sample or encode wrote it.");
        var hop = new Option<double>("--hop-fraction") { Description = "New tokens of each further window over its length; less gives tokens more context.", DefaultValueFactory = _ => 0.5 }.Within(1e-6, 1);
        var level = new Option<int?>("--level") { Description = "Only this level. [default: all]", HelpName = "L" }.Within(0, 63);
        Option<bool> json = CommonOptions.Json();
        var machine = new MachineOptions();
        var command = new CommandWithExample("score", "Says how likely the model finds a song: bits per token, by level and second.", "score song --level 2") { source, hop, level, json };
        machine.AddTo(command);
        command.SetAction(result =>
        {
            string path = GivenFolder.Song(result.GetRequiredValue(source));
            using IBackend backend = machine.OpenBackend(result, session);
            using var folder = ModelFolder.Open(machine.ModelOf(result, SongFolder.ReadDescription(path)));
            DecodeCommand.NoteUnfinished(session, path);
            LevelScore[] scores = [.. Score(session, backend, folder, path, result.GetValue(level), result.GetValue(hop))];
            session.Terminal.EndProgress();
            if (scores.Length == 0)
            {
                throw new StudioException($"'{path}' has no codes at a level that '{folder.Path}' has a prior for.");
            }

            if (result.GetValue(json))
            {
                session.Terminal.Output.WriteLine(JsonSerializer.Serialize(scores, ReportJson.Default.LevelScoreArray));
                return;
            }

            foreach (LevelScore score in scores)
            {
                session.Terminal.Output.WriteLine($"level {score.Level}  item {score.Item}  {score.BitsPerToken:0.000} bits per token (knowing nothing: {score.UniformBits:0.000})");
                for (int second = 0; second < score.BitsBySecond.Length; second++)
                {
                    session.Terminal.Output.WriteLine($"  {second,4} s  {score.BitsBySecond[second]:0.000}");
                }
            }
        });
        return command;
    }

    private static IEnumerable<LevelScore> Score(Session session, IBackend backend, ModelFolder folder, string path, int? only, double hopFraction)
    {
        SongDescription song = SongFolder.ReadDescription(path, SongModel.Reference(folder), folder.Description);
        using var model = new SongModel(folder, backend);
        foreach (int level in folder.Description.Priors.Select(prior => prior.Level).Where(level => only is null || level == only).OrderDescending())
        {
            int[][] codes = SongFolder.ReadCodes(path, level);
            int[][] upper = folder.PriorOf(level).UpperCodes is null ? [] : SongFolder.ReadCodes(path, level + 1);
            if (codes.Length == 0 || codes[0].Length == 0 || (upper.Length == 0 && folder.PriorOf(level).UpperCodes is not null))
            {
                continue;
            }

            using var prior = Prior.Load(backend, folder, level);
            using PriorRun run = prior.CreateRun(1);
            for (int row = 0; row < codes.Length; row++)
            {
                int place = row;
                yield return SongScore.Of(model, run, song, row, codes[row], upper.Length == 0 ? null : upper[row], hopFraction, share =>
                {
                    session.Cancellation.ThrowIfCancellationRequested();
                    session.Terminal.Progress(() => $"level {level}  item {song.Items[place]}  {share:P0} scored");
                });
            }
        }
    }
}
