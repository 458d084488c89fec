using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>What a top prior's layers put out, against what the extractors of music features took from the original.</summary>
public sealed class ActivationGoldenTests
{
    private static readonly string[] Clips = ["full", "short", "one", "silence"];

    public static TheoryData<string, string, bool> Priors => Cases(name => name is not ("embed_tools" or "embed_edge"));

    public static TheoryData<string> Singles => [.. TestBackends.SingleNames];

    /// <summary>A whole window of each item, of every layer that is there: 5b, 5b with lyrics beside, 1b with lyrics before the music.</summary>
    [SkippableTheory]
    [MemberData(nameof(Priors))]
    public void LayersMatchTheOriginal(string backendName, string name, bool fromHuggingFace)
    {
        using var golden = new EmbedCase(name, fromHuggingFace);
        using IBackend backend = TestBackends.Open(backendName);
        using var activations = new PriorActivations(backend, golden.Model, golden.Model.Description.Priors.Max(prior => prior.Level), 7);
        int[] layers = [.. golden.Case.GetProperty("outputs")[0].GetProperty("layers").EnumerateArray().Select(layer => layer.GetInt32())];
        int width = activations.Spec.Transformer.Width, lyrics = golden.Case.GetProperty("n_tokens").GetInt32();
        ActivationWindow[] windows = [.. golden.Rows("z").Zip(golden.Rows("y"), (z, y) => new ActivationWindow(Array.ConvertAll(z, code => (int)code), y))];
        float[][][] actual = ReadAll(activations, windows, layers);
        for (int item = 0; item < windows.Length; item++)
        {
            float[] expected = golden.Values("act", item), means = golden.Values("mean", item);
            int length = expected.Length / layers.Length;
            for (int i = 0; i < layers.Length; i++)
            {
                float[] music = expected[((i * length) + (lyrics * width))..((i + 1) * length)];
                Check($"{name}: layer {layers[i]} of item {item}", music, actual[item][i]);
                Check($"{name}: mean of layer {layers[i]} of item {item}", means[(i * width)..((i + 1) * width)], Mean(actual[item][i], width));
            }
        }
    }

    /// <summary>Clips of any length, without an artist: a window and more, one that ends inside a block, a single token, silence.</summary>
    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void ClipsOfAnyLengthMatchTheOriginal(string backendName)
    {
        using var golden = new EmbedCase("embed_tools");
        using IBackend backend = TestBackends.Open(backendName);
        using var activations = new PriorActivations(backend, golden.Model, golden.Model.Description.Priors.Max(prior => prior.Level), 50);
        int[] layers = [.. Enumerable.Range(0, activations.Spec.Transformer.Depth + 1)];
        long[] row = golden.Rows("y")[0];
        ActivationWindow[] windows = [.. Clips.Select(clip =>
        {
            int[] codes = Array.ConvertAll(golden.Rows($"z.{clip}")[0], code => (int)code);
            return new ActivationWindow(codes[..Math.Min(codes.Length, activations.Spec.ContextLength)], row);
        })];
        float[][][] actual = ReadAll(activations, windows, layers);
        for (int clip = 0; clip < Clips.Length; clip++)
        {
            foreach (int layer in layers)
            {
                Check($"{Clips[clip]}, layer {layer}", golden.Values($"act.{Clips[clip]}", layer), actual[clip][layer]);
            }
        }
    }

    /// <summary>Every window by itself, together, in pieces of any length: the same bits.</summary>
    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void CompanyAndPiecesDoNotMatter(string backendName)
    {
        using var golden = new EmbedCase("embed_tools");
        using IBackend backend = TestBackends.Open(backendName);
        int level = golden.Model.Description.Priors.Max(prior => prior.Level);
        long[] row = golden.Rows("y")[0];
        ActivationWindow[] windows = [.. new[] { 1, 17, 70, 128 }.Select(count =>
            new ActivationWindow(Array.ConvertAll(golden.Rows("z.full")[0][..count], code => (int)code), row))];
        float[][][]? expected = null;
        foreach (int pieces in (int[])[1, 7, 64, 1024])
        {
            using var activations = new PriorActivations(backend, golden.Model, level, pieces);
            float[][][] together = ReadAll(activations, windows, [2, 5]);
            expected ??= together;
            Assert.Equal(expected, together);
            Assert.Equal(expected, Array.ConvertAll(windows, window => ReadAll(activations, [window], [2, 5])[0]));
        }
    }

    private static TheoryData<string, string, bool> Cases(Func<string, bool> wanted)
    {
        var rows = new TheoryData<string, string, bool>();
        foreach (string backend in TestBackends.SingleNames)
        {
            foreach (string name in Directory.EnumerateDirectories(GoldenDirectory.Root, "embed_*").Select(path => Path.GetFileName(path)).Where(wanted).Order(StringComparer.Ordinal))
            {
                rows.Add(backend, name, false);
                using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(GoldenDirectory.Root, name, "case.json")));
                if (json.RootElement.TryGetProperty("hugging_face", out _))
                {
                    rows.Add(backend, name, true);
                }
            }
        }

        return rows;
    }

    /// <summary>By window and place in <paramref name="layers"/>, (tokens, width).</summary>
    private static float[][][] ReadAll(PriorActivations activations, ActivationWindow[] windows, int[] layers)
    {
        var rows = Array.ConvertAll(windows, window => Array.ConvertAll(layers, _ => new List<float>()));
        activations.Read(windows, layers, (window, layer, first, values) =>
        {
            List<float> target = rows[window][Array.IndexOf(layers, layer)];
            Assert.Equal(first * activations.Spec.Transformer.Width, target.Count);
            target.AddRange(values);
        });
        return Array.ConvertAll(rows, window => Array.ConvertAll(window, layer => layer.ToArray()));
    }

    private static float[] Mean(float[] rows, int width) =>
        [.. Enumerable.Range(0, width).Select(channel => (float)(Enumerable.Range(0, rows.Length / width).Sum(row => (double)rows[(row * width) + channel]) * width / rows.Length))];

    private static void Check(string what, float[] expected, float[] actual) => Closeness.CheckAgainstLargest(what, expected, actual, Tolerances.GoldenFeatures);
}
