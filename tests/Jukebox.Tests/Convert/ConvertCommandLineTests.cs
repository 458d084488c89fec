using Jukebox.Conversion;
using Jukebox.Conversion.Shell;
using Jukebox.Core;
using Jukebox.Core.ModelFormat;
using Jukebox.Tests.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class ConvertCommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void HelpShowsDefaultsAndExamples()
    {
        Assert.Equal(0, Run("--help"));
        string help = _output.ToString();
        Assert.Contains("jukebox-convert --model 1b_lyrics", help, StringComparison.Ordinal);
        Assert.Contains("[default: f32; with --to pth as they are]", help, StringComparison.Ordinal);
        Assert.Contains("130 interrupted", help, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--output", "m")]
    [InlineData("--model", "6b", "--output", "m")]
    [InlineData("a.pth.tar")]
    [InlineData("a.pth.tar", "--output", "m", "--dtype", "q8")]
    public void BadUsageIsTwo(params string[] args)
    {
        Assert.Equal(2, Run(args));
        Assert.Contains("jukebox-convert --help", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void MissingFilesAreNamedWithWhereTheyWereSoughtAndWhereTheyAre()
    {
        _folder.Write(Path.Combine("home", ".cache", "jukebox", "models", "5b", "vqvae.pth.tar"), []);
        Assert.Equal(1, Run("--model", "1b_lyrics", "-o", _folder["m"]));
        string error = _error.ToString();
        Assert.Contains("1b_lyrics needs 5b/prior_level_0.pth.tar, 5b/prior_level_1.pth.tar, 1b_lyrics/prior_level_2.pth.tar", error, StringComparison.Ordinal);
        Assert.Contains(_folder["home", ".cache", "jukemirlib"], error, StringComparison.Ordinal);
        Assert.Contains("https://openaipublic.azureedge.net/jukebox/models/1b_lyrics/prior_level_2.pth.tar", error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void PublishedSetIsFoundInTheCachesWhereverItsPartsLie()
    {
        string pipeline = GoldenDirectory.Require("pipeline_5b_lyrics_primed");
        string cache = _folder["home", ".cache", "jukebox", "models"];
        Directory.CreateDirectory(Path.Combine(cache, "5b"));
        Directory.CreateDirectory(Path.Combine(cache, "5b_lyrics"));
        Directory.CreateDirectory(_folder["home", ".cache", "jukemirlib"]);
        File.Copy(Path.Combine(pipeline, "vqvae.pth.tar"), _folder["home", ".cache", "jukemirlib", "vqvae.pth.tar"]);
        File.Copy(Path.Combine(pipeline, "prior_level_0.pth.tar"), Path.Combine(cache, "5b", "prior_level_0.pth.tar"));
        File.Copy(Path.Combine(pipeline, "prior_level_1.pth.tar"), Path.Combine(cache, "5b", "prior_level_1.pth.tar"));
        File.Copy(Path.Combine(pipeline, "prior_level_2.pth.tar"), Path.Combine(cache, "5b_lyrics", "prior_level_2.pth.tar"));
        Assert.Equal(0, Run("--model", "5b_lyrics", "-o", _folder["m"]));
        ModelDescription description = ModelDescription.Read(_folder["m"]);
        Assert.Equal("5b_lyrics", description.Name);
        Assert.Equal([0, 1, 2], description.Priors.Select(prior => prior.Level));
        Assert.Contains("noncommercial", description.Licence, StringComparison.Ordinal);
        Assert.Contains("label tables", _error.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ExistingFoldersAreReplacedOnlyWithForce()
    {
        string source = GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar");
        string target = _folder["m"];
        Assert.Equal(0, Run(source, "-o", target));
        byte[] first = File.ReadAllBytes(Path.Combine(target, ModelDescription.FileName));
        Assert.Equal(1, Run(source, "-o", target, "--name", "second"));
        Assert.Contains("replace it with --force", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(target, ModelDescription.FileName)));
        Assert.Equal(0, Run(source, "-o", target, "--name", "second", "--force"));
        Assert.Equal("second", ModelDescription.Read(target).Name);
        Assert.Equal([target], Directory.GetFileSystemEntries(_folder.Path));
    }

    [SkippableFact]
    public void ForceDoesNotReplaceWhatIsNoModel()
    {
        string source = GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar");
        string precious = _folder.Write(Path.Combine("photos", "one.jpg"), [1]);
        Assert.Equal(1, Run(source, "-o", _folder["photos"], "--force"));
        Assert.True(File.Exists(precious));
        string target = _folder["m"];
        Assert.Equal(0, Run(source, "-o", target));
        string notes = _folder.Write(Path.Combine("m", "notes", "mine.txt"), [1]);
        Assert.Equal(1, Run(source, "-o", target, "--force"));
        Assert.Contains("it holds 'notes/mine.txt', which is no part of a model", _error.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(notes));
    }

    /// <summary>A folder is not replaced by what is made from it, nor by what is made from something in it.</summary>
    [SkippableFact]
    public void ForceDoesNotDeleteWhatIsRead()
    {
        string target = _folder["m"], checkpoint = GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"), inside = Path.Combine(target, "originals", "vqvae.pth.tar");
        Assert.Equal(0, Run(checkpoint, "-o", target));
        Directory.CreateDirectory(Path.GetDirectoryName(inside)!);
        File.Copy(checkpoint, inside);
        foreach (string source in (string[])[target, inside])
        {
            Assert.Equal(1, Run(source, "-o", target, "--force"));
            Assert.Contains($"{target}: it holds '", _error.ToString(), StringComparison.Ordinal);
            Assert.Contains("which is read, and which --force would delete", _error.ToString(), StringComparison.Ordinal);
            Assert.True(File.Exists(inside));
        }
    }

    [SkippableFact]
    public void FailureAndInterruptionLeaveNothing()
    {
        string source = GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar");
        byte[] whole = File.ReadAllBytes(source);
        string cut = _folder.Write("cut.pth.tar", whole[..^100]);
        Assert.Equal(1, Run(cut, "-o", _folder["m"]));
        using var cancellation = new CancellationTokenSource();
        var progress = new Callback(report =>
        {
            if (report.Activity.StartsWith("writing", StringComparison.Ordinal))
            {
                cancellation.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(
            () => ModelConverter.Run(new ConversionRequest { Sources = [source], Output = _folder["m"] }, progress, cancellation.Token));
        Assert.Equal([cut], Directory.GetFileSystemEntries(_folder.Path));
    }

    [SkippableTheory]
    [InlineData("bf16", ElementType.BF16)]
    [InlineData("f16", ElementType.F16)]
    public void ModelFoldersChangeTheirType(string name, ElementType type)
    {
        string source = GoldenModels.Folder("pipeline_5b_lyrics_primed");
        Assert.Equal(0, Run(source, "-o", _folder["m"], "--dtype", name));
        ModelDescription description = ModelDescription.Read(_folder["m"]);
        using WeightFile before = WeightFile.Open(Path.Combine(source, "prior_0.safetensors"));
        using WeightFile after = WeightFile.Open(_folder["m", "prior_0.safetensors"]);
        foreach (TensorEntry entry in TensorTable.Of(description.PriorOf(0)!, description.VqVae))
        {
            Assert.Equal(entry.MayBeNarrow ? type : ElementType.F32, after[entry.Name].Type);
            float tolerance = entry.MayBeNarrow ? (float)Tolerances.Store(type) : 0;
            float[] expected = before[entry.Name].ReadSingles();
            float[] actual = after[entry.Name].ReadSingles();
            Assert.All(expected.Zip(actual), pair => Assert.True(MathF.Abs(pair.First - pair.Second) <= tolerance * Math.Max(1, MathF.Abs(pair.First))));
        }

        using WeightFile vqvae = WeightFile.Open(_folder["m", "vqvae.safetensors"]);
        Assert.All(vqvae.Tensors.Values, tensor => Assert.Equal(ElementType.F32, tensor.Type));
    }

    [Fact]
    public void MissingAndMisshapenTensorsAreNamed()
    {
        string path = _folder["prior_level_2.pth.tar"];
        new CheckpointBuilder().Tensor("prior.x_emb.weight", new float[32], 8, 4).Tensor("prior.pos_emb.pos_emb", new float[16], 4, 4)
            .Tensor("prior.surprise", new float[4], 4)
            .Hyperparameter("n_ctx", 8).Hyperparameter("prior_width", 4).Hyperparameter("prior_depth", 1).Hyperparameter("heads", 1).Hyperparameter("attn_order", 0)
            .Hyperparameter("labels", false).WriteLegacy(path);
        Assert.Equal(1, Run(path, "-o", _folder["m"]));
        string error = _error.ToString();
        Assert.Contains("missing (prior.start_token, prior.transformer._attn_mods.0.attn.c_attn.w,", error, StringComparison.Ordinal);
        Assert.Contains("1 of the wrong shape (prior.pos_emb.pos_emb (4, 4) instead of (8, 4))", error, StringComparison.Ordinal);
        Assert.Contains("1 unexpected (prior.surprise)", error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void LevelsThatContradictEachOtherAreRefused()
    {
        string source = GoldenDirectory.Require("pipeline_5b_lyrics_primed", "prior_level_1.pth.tar");
        File.Copy(source, _folder["prior_level_0.pth.tar"]);
        Assert.Equal(1, Run(_folder["prior_level_0.pth.tar"], "-o", _folder["m"]));
        Assert.Contains("its name or place says level 0, its hyperparameters say level 1; say which with --level", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Run(_folder["prior_level_0.pth.tar"], "-o", _folder["m"], "--level", "1"));
    }

    private int Run(params string[] args)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        return new ConvertCommandLine(_output, _error, isLive: false, _folder["home"], _folder["current"]).Run(args);
    }

    private sealed class Callback(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
