using System.Text;
using System.Text.Json.Nodes;
using Jukebox.Core.Errors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Recordings.Folders;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Tests.Conversion;
using Jukebox.Tests.Sampling;
using Jukebox.Training.Runs;
using Jukebox.Training.Settings;
using Xunit;

namespace Jukebox.Tests.Integrity;

/// <summary>Descriptions and tables with an edit or damage of chance: only the project's own exceptions come out, and nothing takes memory without bound.</summary>
public sealed class DescriptionFuzzTests : IDisposable
{
    private const int Trials = 400;
    private const long MostSamples = 1 << 22;

    private static readonly string?[] Extremes =
    [
        "null", "-1", "0", "1", "4611686018427387904", "1e999", "-1e999", "0.5", "1e-320", "\"x\"", "\"\"", "[]", "{}", "[null]", "true", "2147483647", "\"\\u0000\"", "77", null,
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly StubSongModel _model = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Songs()
    {
        string song = _folder["song"], file = Path.Combine(song, "song.json");
        using (SongFolder folder = SongFolder.Create(song, _model.Resolve(Request), force: false))
        {
            new Sampler(_model, folder, StubSongModel.ReadPrompt).Run();
        }

        Fuzz(Unsealed.Read(file), 1, bytes =>
        {
            File.WriteAllBytes(file, bytes);
            SongDescription read = SongFolder.ReadDescription(song, _model.Reference, _model.Description);
            if (read.SampleLength < MostSamples)
            {
                SamplingPlan.Create(read, _model.Description);
                SongIntegrity.Unfinished(song);
            }
        });
    }

    [Fact]
    public void Requests()
    {
        const string text = """
            {
              "mode": "Primed", "labels": [{ "artist": "a", "genre": "b", "lyrics": "c" }], "seconds": 0.1, "total_seconds": 60, "offset_seconds": 0,
              "count": 2, "seed": 3, "sample_levels": [2, 1], "levels": [{ "level": 2, "temperature": 0.9, "top_k": 0, "top_p": 0.5, "hop_fraction": 0.25, "batch_size": 2 }],
              "prime_chunk": 16, "prompts": [{ "file": "a.wav", "start_seconds": 0, "end_seconds": 0.01 }]
            }
            """;
        Fuzz(text, 2, bytes =>
        {
            SampleRequest request = SampleRequest.Parse(bytes, "request.json");
            SongDescription song = new RequestResolver(_model.Description, _model.Reference, (_, _) => 128 * 20).Resolve(request);
            if (song.SampleLength < MostSamples)
            {
                SamplingPlan.Create(song, _model.Description);
                Assert.Null(SongChecks.Problem(song));
            }

            Assert.Null(SongChecks.Problem(song, _model.Description));
        });
        Fuzz($$"""{ "mode": "Continue", "more_seconds": 1, "source": { "song": "{{_folder["none"]}}", "items": [0], "start_seconds": 0, "end_seconds": 1 } }""", 3, bytes =>
            new RequestResolver(_model.Description, _model.Reference, (_, _) => 0).Resolve(SampleRequest.Parse(bytes, "request.json")));
    }

    [Fact]
    public void Models()
    {
        using var model = ModelFolder.Open(NoiseModelFolder.Path);
        string text = Encoding.UTF8.GetString(Jukebox.Core.Files.SealedJson.Unseal(model.Description.ToJson(), "", ""));
        Fuzz(text, 4, bytes =>
        {
            var read = ModelDescription.Parse(bytes, "model.json");
            Assert.Equal(64, read.Fingerprint().Length);
            if (read.Priors.All(prior => prior.Transformer.Depth < 100))
            {
                foreach (PriorSpec prior in read.Priors)
                {
                    TensorTable.Of(prior, read.VqVae);
                }
            }
        });
    }

    [Fact]
    public void Runs()
    {
        using var toy = new Jukebox.Tests.Training.TrainedToy();
        string run = toy.Folder["vqvae"], description = Path.Combine(run, "run.json"), tracks = Path.Combine(run, "tracks.json");
        string text = Unsealed.Read(description), list = File.ReadAllText(tracks);
        Fuzz(text, 5, bytes =>
        {
            File.WriteAllBytes(description, bytes);
            Assert.NotNull(RunFolder.ReadDescription(run));
        });
        var whole = JsonNode.Parse(text)!.AsObject();
        whole.Remove("files");
        File.WriteAllText(description, whole.ToJsonString());
        Fuzz(list, 6, bytes =>
        {
            File.WriteAllBytes(tracks, bytes);
            using RunFolder folder = RunFolder.Resume(run);
            folder.ReadTracks();
        });
        Fuzz(SettingsFile.Write(TrainingPresets.Find("tiny_vqvae")), 7, bytes => SettingsFile.Read(_folder.Write("settings.json", bytes), "tiny_vqvae"));
    }

    [Fact]
    public void Tables()
    {
        Fuzz("unknown;0\nbach;1\nvivaldi;2\n", 8, bytes => LabelTable.Read(_folder.Write("ids.txt", bytes), 3, LabelKind.Artist).CheckRows(3));
        Fuzz("file\tartist\tgenre\tsplit\tlyrics\na.wav\tAda\torgan\ttrain\tla la\nb.wav\tBea\tpiano\tvalid\t\n", 9, bytes => Manifest.Read(_folder.Write("manifest.tsv", bytes)));
    }

    private SampleRequest Request => new() { Seconds = 20 * 128 / 44100.0, Count = 2, Seed = 5, Labels = [new SongLabel("a", "b", "c")], SampleLevels = [2, 1] };

    private static void Fuzz(string text, int seed, Action<byte[]> action)
    {
        var random = new Random(seed);
        for (int trial = 0; trial < Trials; trial++)
        {
            byte[] bytes = trial % 2 == 0 && text.TrimStart()[0] is '{' or '[' ? Edited(text, random) : Mutation.Of(Encoding.UTF8.GetBytes(text), random);
            try
            {
                action(bytes);
            }
            catch (JukeboxException)
            {
                // As it should be.
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, trial {trial}: {e}\n{Encoding.UTF8.GetString(bytes)}");
            }
        }
    }

    /// <summary>One value of a JSON text, at a place of chance, replaced by an extreme one or left out.</summary>
    private static byte[] Edited(string text, Random random)
    {
        JsonNode root = JsonNode.Parse(text)!;
        JsonNode[] nodes = [.. Below(root)];
        JsonNode node = nodes[random.Next(nodes.Length)];
        string? extreme = Extremes[random.Next(Extremes.Length)];
        string mark = $"mark{random.Next()}";
        if (node.Parent is JsonObject parent)
        {
            string name = node.GetPropertyName();
            if (extreme is null)
            {
                parent.Remove(name);
            }
            else
            {
                parent[name] = mark;
            }
        }
        else if (node.Parent is JsonArray array)
        {
            array[node.GetElementIndex()] = mark;
        }

        return Encoding.UTF8.GetBytes(root.ToJsonString().Replace($"\"{mark}\"", extreme ?? "null", StringComparison.Ordinal));
    }

    private static IEnumerable<JsonNode> Below(JsonNode node)
    {
        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject members => members.Select(member => member.Value),
            JsonArray items => items,
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(child => Below(child).Prepend(child));
    }
}
