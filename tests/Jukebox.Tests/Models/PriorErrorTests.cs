using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>What a prior and a model folder refuse, and what they say.</summary>
public sealed class PriorErrorTests : IDisposable
{
    private readonly CpuBackend _backend = new();

    [Theory]
    [InlineData(10, 0, 5, "A total length of 10 s is outside the model's range, from 17.84 s to less than 600 s; choose a total length within it")]
    [InlineData(600, 0, 5, "A total length of 600 s is outside the model's range, from 17.84 s to less than 600 s")]
    [InlineData(60, 60, 5, "A window that starts at 60 s lies outside a song of 60 s; choose a larger total length")]
    [InlineData(60, -1, 5, "A window that starts at -1 s lies outside a song of 60 s")]
    [InlineData(599, 598, 5, "A window that ends at 603 s goes beyond the model's range of 600 s")]
    public void TimesOutsideTheModelsRangeAreRefused(int total, int offset, int length, string message)
    {
        LabelSpec labels = PublishedModels.Top("1b_lyrics").Labels!;
        LabelException e = Assert.Throws<LabelException>(() => TimeBins.Of(labels, 44100, total * 44100L, offset * 44100L, length * 44100L, 8));
        Assert.StartsWith(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TimesAtTheEdgesOfTheRangeHaveBins()
    {
        LabelSpec labels = PublishedModels.Top("1b_lyrics").Labels!;
        TimeBins shortest = TimeBins.Of(labels, 44100, 786_744, 0, 786_432, 6144);
        Assert.Equal((0, 0, 63), (shortest.Total, shortest.Relative[0], shortest.Relative[^1]));
        TimeBins longest = TimeBins.Of(labels, 44100, 26_459_990, 26_459_990 - 786_432, 786_432, 6144);
        Assert.Equal((63, 62, 63), (longest.Total, longest.Absolute[0], longest.Absolute[^1]));
    }

    [Fact]
    public void StepsOutOfTurnAreRefused() => WithRun('B', run =>
    {
        var codes = new int[1];
        Assert.Contains("must be begun", Assert.Throws<InvalidOperationException>(() => run.Step(codes)).Message, StringComparison.Ordinal);
        run.Begin(SyntheticPriors.Window(run.Spec, 5, 0));
        Assert.Contains("must be primed", Assert.Throws<InvalidOperationException>(() => run.Step(codes)).Message, StringComparison.Ordinal);
        run.Finish(SyntheticPriors.Window(run.Spec, 5, 0), 32);
        Assert.Contains("32 tokens are all there", Assert.Throws<InvalidOperationException>(() => run.Step(codes)).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void WindowsThatDoNotFitTheirPriorAreRefused()
    {
        WithRun('C', run =>
        {
            PriorWindow window = SyntheticPriors.Window(run.Spec, 5, 0);
            Refused(run, window with { Items = [0, 1] }, "items");
            Refused(run, window with { Labels = [] }, "label rows");
            Refused(run, window with { Labels = [[1, 2, 3]] }, "columns");
            Refused(run, window with { Labels = [[.. window.Labels[0][..^1], 11]] }, "lyric token 11");
            Refused(run, window with { Labels = [[1000, 100, 256, 7, .. window.Labels[0][4..]]] }, "artist id 7 is not in the model's table of 7");
            Refused(run, window with { Known = [new int[33]] }, "33 known tokens");
            Refused(run, window with { Known = [[16]] }, "known code 16");
            Refused(run, window with { Known = [[-1]] }, "known code -1");
        });
        WithRun('E', run =>
        {
            PriorWindow window = SyntheticPriors.Window(run.Spec, 5, 0);
            Refused(run, window with { UpperCodes = null }, "needs the codes of level 1");
            Refused(run, window with { UpperCodes = [new int[15]] }, "exactly 16 codes of level 1, not 15");
        });
    }

    [Fact]
    public void AFolderThatIsNoModelIsRefused()
    {
        string folder = Directory.CreateTempSubdirectory("jukebox-none-").FullName;
        try
        {
            Assert.Contains("holds no model.json", Assert.Throws<DamagedFileException>(() => ModelFolder.Open(folder)).Message, StringComparison.Ordinal);
            string missing = Path.Combine(folder, "missing");
            Assert.Contains($"no model folder '{missing}'", Assert.Throws<DirectoryNotFoundException>(() => ModelFolder.Open(missing)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A model's files are copied: none may lie elsewhere.</summary>
    [Theory]
    [InlineData("../stolen", false)]
    [InlineData("/etc/passwd", false)]
    [InlineData("labels/../../stolen", false)]
    [InlineData("labels\\stolen", false)]
    [InlineData("C:stolen", false)]
    [InlineData("", false)]
    [InlineData("labels//a.txt", false)]
    [InlineData("labels/a..b.txt", true)]
    public void FilesOutsideTheFolderAreRefused(string name, bool isSound)
    {
        using var synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny('B')]);
        ModelDescription description = ModelDescription.Read(synthetic.Folder);
        description.Files[name] = new FileDigest(1, "00");
        description.Write(synthetic.Folder);
        if (isSound)
        {
            Assert.Contains(name, ModelDescription.Read(synthetic.Folder).Files.Keys);
        }
        else
        {
            Assert.Contains($"'{name}' is not the name of a file in its folder", Assert.Throws<DamagedFileException>(() => ModelDescription.Read(synthetic.Folder)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void DamagedWeightsAreNamed()
    {
        using var synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny('B')]);
        string path = Path.Combine(synthetic.Folder, "prior_1.safetensors");
        using (ModelFolder model = synthetic.Open())
        {
            Assert.Contains("no prior for level 0", Assert.Throws<DamagedFileException>(() => model.OpenPrior(0)).Message, StringComparison.Ordinal);
            model.Verify();
        }

        byte[] bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);
        Refused(synthetic, model => model.Verify(), "its SHA-256 is");
        File.WriteAllBytes(path, bytes[..^100]);
        Refused(synthetic, model => model.OpenPrior(1), "it is truncated");
        File.Delete(path);
        Refused(synthetic, model => model.OpenPrior(1), "the file is missing");
    }

    [Fact]
    public void ATensorOfAnotherShapeIsNamed()
    {
        PriorSpec spec = SyntheticPriors.Tiny('B');
        using var synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder model = synthetic.Open();
        (model.Description with { Priors = [spec with { ContextLength = 64 }] }).Write(synthetic.Folder);
        Refused(synthetic, folder => folder.OpenPrior(1), "'prior.pos_emb.pos_emb' has the shape (32, 16), its model needs (64, 16)");
    }

    [Fact]
    public void HyperparametersThatCannotRunAreRefused()
    {
        PriorSpec separate = SyntheticPriors.Tiny('C'), shared = SyntheticPriors.Tiny('D');
        Assert.Null(SpecValidation.ProblemOf(separate, SyntheticPriors.TinyVqVae));
        Assert.Null(SpecValidation.ProblemOf(shared, SyntheticPriors.TinyVqVae));
        Cannot(shared with { Labels = null }, "lyrics but no labels");
        Cannot(shared with { Transformer = shared.Transformer with { AttentionOrder = 11 } }, "attend to a lyrics encoder where there is none");
        Cannot(shared with { Transformer = shared.Transformer with { BlockCount = 5 } }, "44 positions in 5 blocks");
        Cannot(separate with { Transformer = separate.Transformer with { Heads = 3 } }, "in 3 heads");
        Cannot(shared with { LyricsLength = 11 }, "lyrics of 11 tokens, which have no middle");
    }

    [Fact]
    public void TheFingerprintIsThatOfTheWeights()
    {
        using var one = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny('B')]);
        using var same = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny('B')]);
        using var other = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny('A')]);
        Assert.Equal(Fingerprint(one), Fingerprint(same));
        Assert.NotEqual(Fingerprint(one), Fingerprint(other));
    }

    public void Dispose() => _backend.Dispose();

    private static string Fingerprint(SyntheticModel synthetic)
    {
        using ModelFolder model = synthetic.Open();
        return model.Fingerprint;
    }

    private static void Cannot(PriorSpec spec, string problem) =>
        Assert.Contains(problem, SpecValidation.ProblemOf(spec, SyntheticPriors.TinyVqVae), StringComparison.Ordinal);

    private static void Refused(PriorRun run, PriorWindow window, string message) =>
        Assert.Contains(message, Assert.Throws<ArgumentException>(() => run.Begin(window)).Message, StringComparison.Ordinal);

    private static void Refused(SyntheticModel synthetic, Action<ModelFolder> act, string message)
    {
        using ModelFolder model = synthetic.Open();
        DamagedFileException e = Assert.Throws<DamagedFileException>(() => act(model));
        Assert.Contains("prior_1.safetensors", e.Message, StringComparison.Ordinal);
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    private void WithRun(char letter, Action<PriorRun> test)
    {
        PriorSpec spec = SyntheticPriors.Tiny(letter);
        using var synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder model = synthetic.Open();
        using Prior prior = Prior.Load(_backend, model, spec.Level);
        using PriorRun run = prior.CreateRun(1);
        test(run);
    }
}
