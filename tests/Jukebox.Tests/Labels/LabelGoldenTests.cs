using System.Text.Json;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Labels;

/// <summary>
/// Label rows against those of the original. The cases hold rows of the published tables, so they are read from the
/// golden directory only and are not part of the repository.
/// </summary>
public sealed class LabelGoldenTests
{
    [SkippableFact]
    public void EveryLabelRowEqualsTheOriginals()
    {
        string path = GoldenDirectory.Require("labels.json");
        using var folder = new TemporaryFolder();
        LabelTables tables = OpenTables(folder);
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        int count = 0;
        foreach (JsonElement golden in document.RootElement.EnumerateArray())
        {
            Check(golden, tables, count++);
        }

        Assert.True(count > 0);
    }

    private static void Check(JsonElement golden, LabelTables tables, int index)
    {
        int generation = golden.GetProperty("v3").GetBoolean() ? 3 : 2;
        PriorSpec prior = LabelPriors.Create(
            generation, golden.GetProperty("sample_length").GetInt32(), golden.GetProperty("n_tokens").GetInt32());
        var request = new LabelRequest
        {
            Artist = golden.GetProperty("artist").GetString()!,
            Genre = golden.GetProperty("genre").GetString()!,
            Lyrics = golden.GetProperty("lyrics").GetString()!,
            TotalSamples = golden.GetProperty("total_length").GetInt64(),
            OffsetSamples = golden.GetProperty("offset").GetInt64(),
        };
        if (!golden.TryGetProperty("y", out JsonElement row))
        {
            Assert.Throws<LabelException>(() => ItemLabels.Build(prior, 1, tables, request));
            return;
        }

        ItemLabels labels = ItemLabels.Build(prior, 1, tables, request);
        Assert.True(row.EnumerateArray().Select(e => e.GetInt64()).SequenceEqual(labels.Row), $"case {index}: the row differs");
        Assert.Equal(golden.GetProperty("clean").GetString(), labels.Lyrics!.Text);
        Assert.Equal(golden.GetProperty("n_full").GetInt32(), labels.LyricTokens.Length);
    }

    private static LabelTables OpenTables(TemporaryFolder folder)
    {
        Directory.CreateDirectory(folder["labels"]);
        foreach (string file in Directory.EnumerateFiles(GoldenDirectory.Require("ids")))
        {
            File.WriteAllBytes(Path.Combine(folder["labels"], Path.GetFileName(file)), File.ReadAllBytes(file));
        }

        return LabelTables.Open(folder.Path);
    }
}
