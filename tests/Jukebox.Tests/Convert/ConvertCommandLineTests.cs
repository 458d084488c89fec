using Jukebox.Conversion;
using Jukebox.Conversion.Shell;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
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

    [SkippableTheory]
    [InlineData("--output \"\": it is empty", "a", "-o", "")]
    [InlineData("it is empty", "a", "-o", "  ")]
    [InlineData("--output /: it is the root of a disk", "a", "-o", "/")]
    [InlineData("it is the root of a disk", "a", "-o", "/tmp/..")]
    [InlineData("--labels is empty", "a", "-o", "m", "--labels", "")]
    [InlineData("--name is empty", "a", "-o", "m", "--name", " ")]
    [InlineData("--licence is empty", "a", "-o", "m", "--licence", "")]
    [InlineData("A SOURCE is empty", "", "-o", "m")]
    [InlineData("A SOURCE is empty", "a", "", "-o", "m")]
    [InlineData("--level takes a whole number from 0 to 7, not '1,0'", "a", "-o", "m", "--level", "1,0")]
    [InlineData("--level takes a whole number from 0 to 7, not '-1'", "a", "-o", "m", "--level", "-1")]
    [InlineData("--level takes a whole number from 0 to 7, not '8'", "a", "-o", "m", "--level", "8")]
    [InlineData("--level takes a whole number from 0 to 7, not '1e0'", "a", "-o", "m", "--level", "1e0")]
    [InlineData("--level takes a whole number from 0 to 7, not ' 1'", "a", "-o", "m", "--level", " 1")]
    [InlineData("--level takes a whole number from 0 to 7, not '99999999999999999999'", "a", "-o", "m", "--level", "99999999999999999999")]
    [InlineData("--level takes a whole number from 0 to 7, not ''", "a", "-o", "m", "--level", "")]
    [InlineData("--level", "a", "-o", "m", "--level", "NaN")]
    [InlineData("There is no option '--dtyp'", "a", "-o", "m", "--dtyp", "f16")]
    [InlineData("There is no option '-x'", "a", "-x", "-o", "m")]
    [InlineData("Argument 'F16' not recognized. Must be one of:\n  'f32'\n  'bf16'\n  'f16'\n", "a", "-o", "m", "--dtype", "F16")]
    [InlineData("''", "a", "-o", "m", "--dtype", "")]
    [InlineData("''", "a", "-o", "m", "--model", "")]
    [InlineData("''", "a", "-o", "m", "--to", "")]
    public void EveryValueThatMakesNoSenseIsBadUsage(string expected, params string[] args)
    {
        Skip.If(OperatingSystem.IsWindows() && args.Contains("/"), "the root is called otherwise");
        Assert.Equal(2, Run(args));
        Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", _error.ToString(), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("nowhere", "there is no such folder; name the one that the label tables lie in")]
    [InlineData("a.txt", "it is a file; name the folder that the label tables lie in")]
    public void LabelFoldersThatAreNoneAreNamedBeforeAnythingIsRead(string labels, string expected)
    {
        _folder.Write("a.txt", "x");
        Assert.Equal(1, Run(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"), "-o", _folder["m"], "--labels", _folder[labels]));
        Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("checking", _error.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void LevelsAndLabelsThatChangeNothingAreTold()
    {
        Assert.Equal(1, Run(NoiseModelFolder.Path, "-o", _folder["m"], "--level", "1"));
        Assert.Contains("the source is a model folder, which says its own", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Run(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"), "-o", _folder["m"], "--level", "1"));
        Assert.Contains("the sources hold none; leave it out", _error.ToString(), StringComparison.Ordinal);
        Directory.CreateDirectory(_folder["labels"]);
        Assert.Equal(0, Run(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar"), "-o", _folder["m"], "--labels", _folder["labels"]));
        Assert.Contains("Note: the model takes no labels; nothing was taken from ", _error.ToString(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void PlacesWhereNoFolderCanBeAreNamed()
    {
        string source = GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar");
        string file = _folder.Write("file", "x");
        foreach ((string target, string expected) in (ReadOnlySpan<(string, string)>)
            [(file, "there is a file or a link of that name"), (Path.Combine(file, "m"), "no folder can be made there"), (_folder[new string('n', 300)], "no folder can be made there")])
        {
            Assert.Equal(1, Run(source, "-o", target));
            Assert.Contains(expected, _error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(".partial-", _error.ToString(), StringComparison.Ordinal);
        }

        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(_folder["dangling"], _folder["nowhere"]);
            Assert.Equal(1, Run(source, "-o", _folder["dangling"]));
            Assert.Contains("there is a file or a link of that name", _error.ToString(), StringComparison.Ordinal);
        }
    }

    /// <summary>Whatever happens, a person gets one sentence and a script an exit code.</summary>
    [Fact]
    public void WhatNobodyThoughtOfIsOneSentenceToo()
    {
        using var broken = new BrokenWriter();
        string[] convert = [NoiseModelFolder.Path, "-o", _folder["m"]];
        Assert.Equal(1, new ConvertCommandLine(broken, _error, isLive: false, _folder["home"], _folder["current"]).Run(convert));
        string error = _error.ToString();
        Assert.Contains("Unexpected NotImplementedException: not here (a fault of this program)", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Equal(1, new ConvertCommandLine(_output, new FullWriter(), isLive: false, _folder["home"], _folder["current"]).Run([_folder["none"], "-o", _folder["n"]]));
    }

    [Fact]
    public void ADeletedCurrentFolderIsNamed()
    {
        Assert.Equal(1, new ConvertCommandLine(_output, _error, isLive: false, _folder["home"], current: null).Run(["a", "-o", "m"]));
        Assert.Contains("The current folder has been deleted", _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain – ünïcödé 音楽 🎵", "plain – ünïcödé 音楽 🎵")]
    [InlineData("\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m")]
    [InlineData("a\rb\nc\td\be\u007f", "a\\u000db\\u000ac\\u0009d\\u0008e\\u007f")]
    [InlineData("\u009b2J\u0085", "\\u009b2J\\u0085")]
    [InlineData("gpj.\u202eexe\u2066\u2028", "gpj.\\u202eexe\\u2066\\u2028")]
    [InlineData("\ufeffmark", "\\ufeffmark")]
    public void TextOfOthersLeavesTheTerminalAsItIs(string text, string expected)
    {
        Assert.Equal(expected, PlainText.Line(text));
        Assert.Equal("\\ud800" + expected + "\\ud83c", PlainText.Line('\ud800' + text + '\ud83c'));
    }

    /// <summary>In names of files and tensors, hyperparameters, descriptions, and what is typed.</summary>
    [SkippableFact]
    public void NoMessageCarriesControlCharacters()
    {
        const string evil = "\u001b]0;owned\a\u001b[2J";
        Skip.If(OperatingSystem.IsWindows(), "names of files cannot hold such characters");
        string checkpoint = _folder[$"vqvae{evil}.pth.tar"];
        File.Copy(GoldenDirectory.Require("vqvae_tiny", "vqvae.legacy.pth.tar"), checkpoint);
        new CheckpointBuilder().Tensor($"other{evil}", [1], 1).WriteZip(_folder["other.pth.tar"]);
        new CheckpointBuilder().Tensor($"prior.x_emb.weight", new float[32], 8, 4).Tensor($"prior.{evil}", [1], 1)
            .Hyperparameter("n_ctx", CheckpointBuilder.Text(evil)).WriteLegacy(_folder["prior_level_2.pth.tar"]);
        CopyModel(evil);
        foreach (string[] args in (string[][])
            [
                [checkpoint, "-o", _folder["m"], "--name", evil, "--licence", evil], [_folder["other.pth.tar"], "-o", _folder["n"]],
                [_folder["prior_level_2.pth.tar"], "-o", _folder["n"]], [evil, "-o", _folder["n"]], [checkpoint, "-o", _folder["n"], "--bad" + evil],
                [_folder["model"], "-o", _folder["q"]], [checkpoint, "-o", _folder["r"]], ["a", "-o", "m", "--level", evil], ["a", "-o", "m", "--dtype", evil],
            ])
        {
            Run(args);
            Assert.DoesNotContain('\u001b', _output.ToString());
            Assert.DoesNotContain('\a', _output.ToString());
            Assert.DoesNotContain('\u001b', _error.ToString());
            Assert.Contains("\\u001b", _output.ToString() + _error.ToString(), StringComparison.Ordinal);
        }
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

    private void CopyModel(string name)
    {
        foreach ((string path, byte[] content) in TemporaryFolder.Files(NoiseModelFolder.Path))
        {
            _folder.Write($"model/{path}", content);
        }

        (ModelDescription.Read(_folder["model"]) with { Name = name, Licence = name }).Write(_folder["model"]);
    }

    private int Run(params string[] args)
    {
        _output.GetStringBuilder().Clear();
        _error.GetStringBuilder().Clear();
        return new ConvertCommandLine(_output, _error, isLive: false, _folder["home"], _folder["current"]).Run(args);
    }

    /// <summary>Fails in a way that no disk does.</summary>
    private sealed class BrokenWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new NotImplementedException("not here.");
    }

    /// <summary>A disk that is full.</summary>
    private sealed class FullWriter : StringWriter
    {
        public override void WriteLine(string? value) => throw new IOException("full");
    }

    private sealed class Callback(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
