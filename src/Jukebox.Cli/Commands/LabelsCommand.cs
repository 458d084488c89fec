using System.CommandLine;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Studio.Models;

namespace Jukebox.Cli.Commands;

/// <summary><c>labels</c>: searches artists and genres, and says what each level makes of a name.</summary>
internal static class LabelsCommand
{
    private const int DefaultLimit = 10;

    public static Command Create(Session session)
    {
        Argument<string?> query = CommonOptions.Path<string?>("QUERY", "Part of an artist's or a genre's name, spelt roughly.");
        query.Arity = ArgumentArity.ZeroOrOne;
        Option<string?> model = CommonOptions.Model();
        var artist = new Option<string?>("--artist") { Description = "Say what each level makes of this artist.", HelpName = "NAME" };
        var genre = new Option<string?>("--genre") { Description = "Say what each level makes of this genre.", HelpName = "NAME" };
        var limit = new Option<int>("--limit")
        {
            Description = "Most names to show of each kind.",
            HelpName = "N",
            DefaultValueFactory = _ => DefaultLimit,
        }.Within(1, 1_000_000);
        Option<bool> json = CommonOptions.Json();
        var command = new CommandWithExample("labels", "Searches artists and genres, and says what each level makes of a name.", "labels \"gausian noise\"")
        {
            query, model, artist, genre, limit, json,
        };
        command.SetAction(result =>
        {
            using var folder = ModelFolder.Open(ModelLocator.Find(result.GetValue(model)));
            var report = LabelReport.Of(
                folder.Description, LabelTables.Open(folder.Path), result.GetValue(query), result.GetValue(limit), result.GetValue(artist), result.GetValue(genre));
            session.Tell(report, ReportJson.Default.LabelReport, result.GetValue(json), (found, output) => Print(found, result.GetValue(query), output));
        });
        return command;
    }

    private static void Print(LabelReport report, string? query, TextWriter output)
    {
        if (query is not null)
        {
            PrintHits(report, query, output);
        }

        PrintOutcomes(report, output);
        if (report.Hits.Length == 0 && report.Levels.Length == 0 && query is null)
        {
            PrintTables(report, output);
        }
    }

    private static void PrintHits(LabelReport report, string query, TextWriter output)
    {
        if (report.Hits.Length == 0)
        {
            output.WriteLine(report.Tables.All(table => table.Names == 0)
                ? "This model folder has no label tables: convert with --labels to have names."
                : $"No artist and no genre is anything like '{query}'.");
        }

        foreach (LabelHit hit in report.Hits)
        {
            string levels = hit.Levels.Length == 0 ? "no level" : $"level {string.Join(" and ", hit.Levels)}";
            output.WriteLine($"{hit.Kind,-6}  v{hit.Generation}  {hit.Id,5}  {hit.Name}  ({levels}{(hit.Reachable ? "" : "; no spelling selects it")})");
        }
    }

    private static void PrintOutcomes(LabelReport report, TextWriter output)
    {
        foreach (LabelOutcome level in report.Levels)
        {
            string genres = string.Join(", ", level.GenreIds.Zip(level.GenreNames, (id, name) => $"{id} {name}"));
            output.WriteLine($"level {level.Level}  v{level.Generation}  artist {level.ArtistId} {level.ArtistName}; genre {genres}");
            foreach (string warning in level.Warnings)
            {
                output.WriteLine($"  {warning}");
            }
        }
    }

    private static void PrintTables(LabelReport report, TextWriter output)
    {
        foreach (LabelTableReport table in report.Tables)
        {
            output.WriteLine($"{table.File,-26}  {(table.Names == 0 ? "missing" : $"{table.Names} names")}  (level {string.Join(" and ", table.Levels)})");
        }

        if (report.Tables.Length == 0)
        {
            output.WriteLine("This model has no labels.");
        }
    }
}
