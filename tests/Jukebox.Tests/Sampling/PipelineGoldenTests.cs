using Jukebox.Audio.Writing;
using Jukebox.Conversion;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>Whole songs against the original's: checkpoint to codes of every level, audio, labels and alignment.</summary>
public sealed class PipelineGoldenTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Cases => GoldenDirectory.Cases("pipeline_");

    public static TheoryData<string> HuggingFaceCases => GoldenDirectory.Cases("hf_");

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void CodesAudioAndAlignmentAreThoseOfTheOriginal(string name)
    {
        using var golden = new PipelineCase(name, GoldenModels.Folder(name), storedLabels: true);
        string song = _folder["song"];
        golden.Sample(song, golden.Request);
        AssertSongMatches(golden, song);
        AssertAlignmentMatches(golden, song);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void BatchesSideBySideDrawTheSameCodes(string name)
    {
        using var golden = new PipelineCase(name, GoldenModels.Folder(name), storedLabels: true);
        string song = _folder["song"];
        golden.Sample(song, golden.Request with
        {
            PrimeChunk = 11,
            Levels = [.. golden.Request.Levels!.Select(level => level with { BatchSize = 2 })],
        });
        AssertCodesMatch(golden, song);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void LabelTablesGiveTheOriginalsRows(string name)
    {
        string tables = GoldenDirectory.Require("ids");
        string model = _folder["model"];
        ModelConverter.Run(new ConversionRequest
        {
            Sources = GoldenModels.CheckpointsOf(GoldenDirectory.Require(name)),
            Output = model,
            LabelFolder = tables,
        });
        using var golden = new PipelineCase(name, model, storedLabels: false);
        SongDescription song = golden.Resolve(golden.Request);
        LabelTables opened = LabelTables.Open(model);
        foreach (PriorSpec prior in golden.Description.Priors)
        {
            long[] expected = golden.Golden[$"y_{prior.Level}"].Read<long>();
            long[] actual = [.. song.Request.Labels!.SelectMany(label => ItemLabels.Build(prior, song.SamplesPerToken[prior.Level], opened, new LabelRequest
            {
                Artist = label.Artist,
                Genre = label.Genre,
                Lyrics = label.Lyrics,
                TotalSamples = song.TotalSamples,
            }).Row)];
            Assert.Equal(expected, actual);
        }

        string path = _folder["song"];
        golden.Sample(path, golden.Request with { SampleLevels = [2] });
        Assert.Equal(golden.Codes(2, 0), SongFolder.ReadCodes(path, 2)[0]);
        Assert.Equal(golden.Codes(2, 1), SongFolder.ReadCodes(path, 2)[1]);
    }

    [SkippableTheory]
    [MemberData(nameof(HuggingFaceCases))]
    public void AHuggingFaceFolderGivesTheSameSong(string name)
    {
        string? source = Directory.GetDirectories(GoldenDirectory.Require(name)).Order(StringComparer.Ordinal)
            .FirstOrDefault(folder => !folder.EndsWith("fp16", StringComparison.Ordinal));
        Skip.If(source is null, $"{name} holds only a folder in half precision, which the original's codes do not belong to");
        string model = _folder["model"];
        ModelConverter.Run(new ConversionRequest { Sources = [source!], Output = model });
        using var golden = new PipelineCase(name, model, storedLabels: true);
        string song = _folder["song"];
        golden.Sample(song, golden.Request);
        AssertCodesMatch(golden, song);
    }

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void AnInterruptedSongWithRandomDrawsGoesOnToTheSameBytes(string name)
    {
        using var golden = new PipelineCase(name, GoldenModels.Folder(name), storedLabels: true);
        SampleRequest request = golden.Request with
        {
            PrimeChunk = 5,
            Levels = [.. golden.Request.Levels!.Select(level => level with { TopK = 0, TopP = level.Level == 1 ? 0.9 : 0, BatchSize = 2 })],
        };
        string whole = _folder["whole"], song = _folder["song"];
        golden.Sample(whole, request);
        using (SongFolder.Create(song, golden.Resolve(request), force: false))
        {
            // Nothing is sampled yet: every run below resumes.
        }

        var outcome = SamplingOutcome.Interrupted;
        for (int steps = 37; outcome == SamplingOutcome.Interrupted; steps += 29)
        {
            using SongFolder folder = SongFolder.Resume(song);
            using var stop = new CancellationTokenSource();
            int left = steps;
            outcome = new Sampler(golden.Model, folder, golden.ReadPrompt, progress =>
            {
                if (progress.Phase == SamplingPhase.Sampling && --left == 0)
                {
                    stop.Cancel();
                }
            }).Run(stop.Token);
        }

        TemporaryFolder.AssertSame(whole, song, "after interruptions");
    }

    private static void AssertCodesMatch(PipelineCase golden, string song)
    {
        for (int level = 0; level < 3; level++)
        {
            int[][] codes = SongFolder.ReadCodes(song, level);
            for (int item = 0; item < codes.Length; item++)
            {
                Assert.Equal(golden.Codes(level, item), codes[item]);
            }
        }
    }

    private void AssertSongMatches(PipelineCase golden, string song)
    {
        AssertCodesMatch(golden, song);
        for (int level = 0; level < 3; level++)
        {
            int[][] codes = SongFolder.ReadCodes(song, level);
            for (int item = 0; item < codes.Length; item++)
            {
                float[] audio = golden.Model.Decode(level, codes[item], 0, codes[item].Length);
                Closeness.Check($"x_{level} of item {item}", golden.Audio($"x_{level}", item), audio, Tolerances.GoldenActivations);
                string wave = _folder["whole.wav"];
                WaveFile.Write(wave, audio, golden.Description.SampleRateHz);
                Assert.Equal(File.ReadAllBytes(wave), File.ReadAllBytes(SongFolder.WavePath(song, level, item)));
            }
        }
    }

    private static void AssertAlignmentMatches(PipelineCase golden, string song)
    {
        SongDescription description = SongFolder.ReadDescription(song);
        int hop = (int)(description.Level(2).HopFraction!.Value * golden.Description.PriorOf(2)!.ContextLength);
        bool isAligned = golden.Description.PriorOf(2)!.AlignmentLayer is not null;
        Assert.Equal(isAligned, golden.Golden.Tensors.ContainsKey("alignment_0"));
        Assert.Equal(isAligned, SongAlignment.Read(song) is not null);
        if (!isAligned)
        {
            return;
        }

        SongAlignment written = SongAlignment.Read(song)!;
        for (int item = 0; item < description.Items.Length; item++)
        {
            LyricAttention attention = golden.Model.Align(
                description.Request.Labels![item], golden.Codes(2, item), description.TotalSamples, description.OffsetSamples, hop)!;
            Closeness.Check(
                $"alignment of item {item}", golden.Golden[$"alignment_{item}"].ReadSingles(), [.. DenseAlignment.Read(attention).Cast<float>()], Tolerances.GoldenActivations);
            Assert.Equal(attention.CharacterCount, written.Items[item].Text.Length);
            Assert.Equal(attention.CharacterCount, written.Items[item].Times.Length);
            Assert.Equal((attention.TokenCount + 15) / 16, written.Items[item].Rows.Length);
        }
    }
}
