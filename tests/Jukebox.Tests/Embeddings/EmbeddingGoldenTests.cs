using System.Text.Json;
using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Recordings.Embeddings;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>Label rows, codes, frames and means of the five extractors, from the audio on.</summary>
public sealed class EmbeddingGoldenTests
{
    private const int SampleRateHz = 44100;
    private static readonly string[] Clips = ["full", "short", "one", "silence"];

    public static TheoryData<string> Singles => [.. TestBackends.SingleNames];

    [SkippableFact]
    public void LabelRowsAreTheExtractors()
    {
        using var golden = new EmbedCase("embed_tools");
        (PriorSpec prior, int hop) = TopOf(golden);
        Assert.Equal(golden.Rows("y")[0], EmbeddingLabels.Fixed(prior, hop, SampleRateHz));
        int compared = 0;
        foreach (JsonElement output in golden.Case.GetProperty("outputs").EnumerateArray().Where(output => output.TryGetProperty("total_seconds", out _)))
        {
            double total = output.GetProperty("total_seconds").GetDouble(), offset = output.GetProperty("offset_seconds").GetDouble();
            string rows = output.TryGetProperty("labels", out JsonElement labels) ? labels.GetString()! : output.GetProperty("tensor").GetString()!;
            foreach ((int window, long[] row) in golden.Rows(rows).Index())
            {
                Assert.Equal(row, EmbeddingLabels.Real(prior, hop, SampleRateHz, total, offset, (long)window * prior.ContextLength));
                compared++;
            }
        }

        Assert.True(compared >= 10, $"{compared} rows");
    }

    /// <summary>Codes exactly, of clips as they are and of clips that are padded; only the top level's encoder is there.</summary>
    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void CodesAreTheExtractors(string backendName)
    {
        using var golden = new EmbedCase("embed_tools");
        (PriorSpec prior, _) = TopOf(golden);
        using IBackend backend = TestBackends.Open(backendName);
        using var vqvae = VqVae.LoadEncoder(backend, golden.Model.OpenVqVae(), golden.Model.Description.VqVae, prior.Level);
        var encoder = new ClipEncoder(vqvae, prior.Level, prior.ContextLength);
        foreach (string clip in Clips)
        {
            float[] audio = Normalised(golden.Values($"audio.{clip}"));
            int[] expected = Array.ConvertAll(golden.Rows($"z.{clip}")[0], code => (int)code);
            Assert.Equal(expected[..Math.Min(expected.Length, prior.ContextLength)], encoder.EncodeAsItIs(SourceOf(audio), audio.Length, SampleRateHz));
            if (golden.Tensors.Has($"llark.z.{clip}"))
            {
                int[] padded = encoder.EncodePadded(SourceOf(audio), audio.Length);
                Assert.Equal(Math.Min(expected.Length, prior.ContextLength), padded.Length);
                Assert.Equal(Array.ConvertAll(golden.Rows($"llark.z.{clip}")[0][..padded.Length], code => (int)code), padded);
            }
        }

        Assert.Throws<InvalidOperationException>(() => vqvae.Decode(prior.Level, new int[4]));
        Assert.Throws<InvalidOperationException>(() => vqvae.Encode(0, new float[4096]));
    }

    /// <summary>What jukemirlib and jukemir make of a clip: means, and frames at 30 Hz.</summary>
    [SkippableFact]
    public void FramesAndMeansAreTheExtractors()
    {
        using var golden = new EmbedCase("embed_tools");
        foreach (string clip in Clips)
        {
            var frames = new Frames(golden.Values($"act.{clip}", 4), golden.Case.GetProperty("width").GetInt32(), golden.Case.GetProperty("tokens_per_second").GetDouble());
            if (golden.Tensors.Has($"jukemir.{clip}.mean"))
            {
                Check($"jukemir.{clip}.mean", golden.Values($"jukemir.{clip}.mean"), frames.Mean());
            }

            int[] layers = [.. golden.Case.GetProperty("preset_layers").GetProperty("jukemirlib").EnumerateArray().Select(layer => layer.GetInt32())];
            for (int i = 0; i < layers.Length && golden.Tensors.Has($"jukemirlib.{clip}.mean"); i++)
            {
                Frames layer = frames with { Values = golden.Values($"act.{clip}", layers[i]) };
                Frames slower = FourierResampling.Resample(layer, 30);
                Check($"jukemirlib.{clip}.mean {layers[i]}", golden.Values($"jukemirlib.{clip}.mean", i), layer.Mean());
                Check($"jukemirlib.{clip}.fps30 {layers[i]}", golden.Values($"jukemirlib.{clip}.fps30", i), slower.Values);
                Check($"jukemirlib.{clip}.fps30_mean {layers[i]}", golden.Values($"jukemirlib.{clip}.fps30_mean", i), slower.Mean());
            }
        }
    }

    /// <summary>LLark's clips are followed by silence: averages of 34 tokens at 10 Hz, and means, over the tokens of their own audio.</summary>
    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void PaddedClipsAreLLarks(string backendName) => WithModel("embed_tools", backendName, (golden, encoder, activations) =>
    {
        int layer = golden.Case.GetProperty("preset_layers").GetProperty("jukemir").GetInt32(), compared = 0;
        foreach (string clip in Clips.Where(clip => golden.Tensors.Has($"llark.{clip}")))
        {
            float[] audio = Normalised(golden.Values($"audio.{clip}"));
            Frames frames = Read(golden, activations, layer, new ActivationWindow(encoder.EncodePadded(SourceOf(audio), audio.Length), golden.Rows("y")[0]));
            Check($"llark.{clip}", golden.Values($"llark.{clip}"), frames.Averaged(10).Values);
            Check($"llark.{clip}.mean", golden.Values($"llark.{clip}.mean"), frames.Mean());
            compared++;
        }

        Assert.True(compared >= 2, $"{compared} clips");
    });

    /// <summary>Sheet Sage's recordings: window after window, each by itself and told where it stands, together as long as the audio.</summary>
    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void RecordingsOfManyWindowsAreSheetSages(string backendName) => WithModel("embed_tools", backendName, (golden, encoder, activations) =>
    {
        int layer = golden.Case.GetProperty("preset_layers").GetProperty("sheetsage").GetInt32(), hop = golden.Case.GetProperty("hop").GetInt32();
        foreach (JsonElement output in Outputs(golden, "sheetsage").Where(output => output.TryGetProperty("audio", out _)))
        {
            double offset = output.GetProperty("offset_seconds").GetDouble();
            float[] audio = golden.Values($"audio.{output.GetProperty("audio").GetString()}")[(int)(offset * SampleRateHz)..];
            audio = output.GetProperty("duration_seconds") is { ValueKind: JsonValueKind.Number } duration ? audio[..(int)(duration.GetDouble() * SampleRateHz)] : audio;
            audio = Normalised(audio);
            var windows = new List<ActivationWindow>();
            for (long start = 0; start + hop <= audio.Length; start += encoder.WindowSamples)
            {
                float[] rest = audio[(int)start..];
                windows.Add(new ActivationWindow(
                    encoder.EncodePadded(SourceOf(rest), rest.Length),
                    EmbeddingLabels.Real(activations.Spec, hop, SampleRateHz, output.GetProperty("total_seconds").GetDouble(), offset, start / hop)));
            }

            string name = output.GetProperty("tensor").GetString()!;
            Check(name, golden.Values(name), Read(golden, activations, layer, [.. windows]).Values);
        }
    });

    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void CodesGivenByThemselvesAreSheetSagesToo(string backendName) => WithModel("embed_tools", backendName, (golden, _, activations) =>
    {
        int layer = golden.Case.GetProperty("preset_layers").GetProperty("sheetsage").GetInt32(), context = activations.Spec.ContextLength;
        int[] codes = Array.ConvertAll(golden.Rows("z.long")[0], code => (int)code);
        ActivationWindow[] windows = [.. golden.Rows("y.meta_a").Select((row, i) => new ActivationWindow(codes[(i * context)..((i + 1) * context)], row))];
        Check("sheetsage.meta_a", golden.Values("sheetsage.meta_a"), Read(golden, activations, layer, windows).Values);
    });

    /// <summary>EDGE's slices: 16 bits in between, each at its own peak, 30 frames a second.</summary>
    [SkippableTheory]
    [MemberData(nameof(Singles))]
    public void SlicesAreEdges(string backendName) => WithModel("embed_edge", backendName, (golden, encoder, activations) =>
    {
        JsonElement output = Outputs(golden, "edge").Single();
        var slicing = new Slicing(output.GetProperty("slice_seconds").GetDouble(), output.GetProperty("slice_hop_seconds").GetDouble());
        float[] audio = AudioFile.Load(new AudioRange(GoldenDirectory.Require("embed_edge", golden.Case.GetProperty("audio").GetString()!)), SampleRateHz);
        int slices = (int)slicing.CountOf(audio.Length, SampleRateHz), length = slicing.SliceSamples(SampleRateHz);
        Assert.Equal(output.GetProperty("slices").GetInt32(), slices);
        long[] row = EmbeddingLabels.Fixed(activations.Spec, TopOf(golden).Hop, SampleRateHz);
        for (int i = 0; i < slices; i++)
        {
            float[] slice = Array.ConvertAll(audio[(i * slicing.HopSamples(SampleRateHz))..][..length], Slicing.AsPcm16);
            Assert.Equal(golden.Tensors.Read<double>($"peak.{i}")[0], slice.Max(Math.Abs));
            slice = Normalised(slice);
            int[] codes = encoder.EncodeAsItIs(SourceOf(slice), slice.Length, SampleRateHz);
            Assert.Equal(Array.ConvertAll(golden.Rows($"z.{i}")[0], code => (int)code), codes);
            Frames frames = Read(golden, activations, output.GetProperty("layers")[0].GetInt32(), new ActivationWindow(codes, row));
            Check($"slice {i}", golden.Values("edge", i), FourierResampling.Resample(frames, output.GetProperty("fps").GetDouble()).Values);
        }
    });

    [SkippableFact]
    public void BeatsAreTheExtractors()
    {
        using var golden = new EmbedCase("embed_tools");
        int width = golden.Case.GetProperty("width").GetInt32();
        double[] times = golden.Tensors.Read<double>("sheetsage.times");
        JsonElement beats = golden.Case.GetProperty("outputs").EnumerateArray().Single(output => output.TryGetProperty("tensor", out JsonElement tensor) && tensor.GetString() == "sheetsage.beats");
        var frames = new Frames(golden.Values(beats.GetProperty("of").GetString()!), width, golden.Case.GetProperty("tokens_per_second").GetDouble());
        Check("beats", golden.Values("sheetsage.beats"), frames.Between(times).Values);

        var streamed = new List<float>();
        var stream = new FrameStream(
            EmbeddingPresets.Find("sheetsage") with { BetweenTimes = true }, width, frames.RateHz, Array.ConvertAll(times, time => time - times[0]), (_, row) => streamed.AddRange(row));
        stream.Begin(0);
        for (int row = 0; row < frames.Count; row++)
        {
            stream.Add(frames.Values.AsSpan(row * width, width));
        }

        stream.End();
        stream.Complete();
        Check("beats as they come", golden.Values("sheetsage.beats"), [.. streamed]);
    }

    /// <summary>Odd, even, exact and upward lengths, against scipy's numbers.</summary>
    [SkippableFact]
    public void ResamplingIsTheExtractors()
    {
        using var golden = new EmbedCase("embed_tools");
        double rate = golden.Case.GetProperty("tokens_per_second").GetDouble();
        foreach ((int length, int fps) in ((int, int)[])[(1722, 30), (8192, 30), (735, 30), (1470, 30), (517, 30), (71, 30), (12, 30), (1, 30), (1722, 10), (64, 400)])
        {
            float[] expected = golden.Values($"resample.out.{length}.{fps}");
            Frames actual = FourierResampling.Resample(new Frames(golden.Values($"resample.in.{length}.{fps}"), 2, rate), fps);
            Check($"{length} rows at {fps} Hz", expected, actual.Values);
            Assert.Equal(rate * actual.Count / length, actual.RateHz, 9);
        }
    }

    private static IEnumerable<JsonElement> Outputs(EmbedCase golden, string preset) => golden.Case.GetProperty("outputs").EnumerateArray()
        .Where(output => output.TryGetProperty("preset", out JsonElement named) && named.GetString() == preset);

    private static void WithModel(string name, string backendName, Action<EmbedCase, ClipEncoder, PriorActivations> act)
    {
        using var golden = new EmbedCase(name);
        (PriorSpec prior, _) = TopOf(golden);
        using IBackend backend = TestBackends.Open(backendName);
        using var vqvae = VqVae.LoadEncoder(backend, golden.Model.OpenVqVae(), golden.Model.Description.VqVae, prior.Level);
        using var activations = new PriorActivations(backend, golden.Model, prior.Level);
        act(golden, new ClipEncoder(vqvae, prior.Level, prior.ContextLength), activations);
    }

    /// <summary>The frames of windows, one after the other.</summary>
    private static Frames Read(EmbedCase golden, PriorActivations activations, int layer, params ActivationWindow[] windows)
    {
        var values = new List<float>();
        activations.Read(windows, [layer], (_, _, _, rows) => values.AddRange(rows));
        return new Frames([.. values], activations.Spec.Transformer.Width, golden.Case.TryGetProperty("tokens_per_second", out JsonElement rate) ? rate.GetDouble() : (double)SampleRateHz / 128);
    }

    private static (PriorSpec Prior, int Hop) TopOf(EmbedCase golden)
    {
        PriorSpec prior = golden.Model.Description.Priors.MaxBy(prior => prior.Level)!;
        return (prior, golden.Model.Description.VqVae.SamplesPerToken(prior.Level));
    }

    private static float[] Normalised(float[] audio)
    {
        float peak = audio.Max(Math.Abs);
        return peak == 0 ? audio : Array.ConvertAll(audio, sample => sample / peak);
    }

    private static SampleReader SourceOf(float[] audio) => (first, block) => audio.AsSpan((int)first, block.Length).CopyTo(block);

    private static void Check(string what, float[] expected, float[] actual) => Closeness.CheckAgainstLargest(what, expected, actual, Tolerances.GoldenFeatures);
}
