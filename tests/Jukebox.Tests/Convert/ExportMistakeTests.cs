using Jukebox.Conversion;
using Jukebox.Conversion.Shell;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Xunit;

namespace Jukebox.Tests.Conversion;

public sealed class ExportMistakeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly StringWriter _error = new();

    public ExportMistakeTests() => ExportCase.WriteOdd(_folder["model"], ElementType.F32);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void FormatsThatAreNotThereAreBadUsage() => Assert.Equal(2, Run(_folder["model"], "--to", "onnx", "-o", _folder["pth"]));

    [Fact]
    public void FoldersThatAreNoModelAreNamed()
    {
        _folder.Write("photos/one.jpg", [1]);
        Assert.Equal(1, Run(_folder["photos"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Contains($"{_folder["photos"]}: it holds no vqvae.pth.tar", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Run(_folder["nowhere"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Contains("there is no such file or folder", _error.ToString(), StringComparison.Ordinal);
        AssertNothingWritten();
    }

    [Fact]
    public void DamagedFoldersAreNamed()
    {
        string weights = _folder["model", "prior_0.safetensors"];
        byte[] whole = File.ReadAllBytes(weights);
        File.WriteAllBytes(weights, whole[..^100]);
        Assert.Equal(1, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Contains(weights, _error.ToString(), StringComparison.Ordinal);
        File.Copy(_folder["model", "prior_1.safetensors"], weights, overwrite: true);
        Assert.Equal(1, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Contains("its tensors do not fit the model", _error.ToString(), StringComparison.Ordinal);
        File.Delete(weights);
        Assert.Equal(1, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Contains("model.json describes it, but it is not there", _error.ToString(), StringComparison.Ordinal);
        AssertNothingWritten();
    }

    [Fact]
    public void OnlyCheckpointsAreReplacedAndOnlyWithForce()
    {
        Assert.Equal(0, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Equal(1, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"]));
        Assert.Contains("replace it with --force", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"], "--force"));

        // The model that is being exported, and a folder with something of the user's own.
        Assert.Equal(1, Run(_folder["model"], "--to", "pth", "-o", _folder["model"], "--force"));
        Assert.Contains("which is read, and which --force would delete", _error.ToString(), StringComparison.Ordinal);
        _folder.Write("pth/labels/notes.txt", [1]);
        Assert.Equal(1, Run(_folder["model"], "--to", "pth", "-o", _folder["pth"], "--force"));
        Assert.Contains("it holds 'labels/notes.txt', which is no part of checkpoints and label tables, and which --force would delete", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Run(_folder["pth"], "-o", _folder["pth"], "--force"));
        Assert.True(File.Exists(_folder["pth", "labels", "notes.txt"]));
        Assert.Null(ModelDescription.Read(_folder["model"]).Problem());
    }

    [Fact]
    public void InterruptionLeavesNothing()
    {
        using var cancellation = new CancellationTokenSource();
        var request = new ConversionRequest { Sources = [_folder["model"]], Output = _folder["pth"], Target = TargetFormat.Checkpoints };
        var progress = new Callback(report =>
        {
            if (report.Activity == "writing prior_level_1.pth.tar")
            {
                cancellation.Cancel();
            }
        });
        Assert.Throws<OperationCanceledException>(() => ModelConverter.Run(request, progress, cancellation.Token));
        AssertNothingWritten();
    }

    private void AssertNothingWritten() =>
        Assert.DoesNotContain(Directory.GetFileSystemEntries(_folder.Path), path => Path.GetFileName(path).StartsWith("pth", StringComparison.Ordinal));

    private int Run(params string[] args)
    {
        _error.GetStringBuilder().Clear();
        return new ConvertCommandLine(TextWriter.Null, _error, isLive: false, _folder["home"], _folder["current"]).Run(args);
    }

    private sealed class Callback(Action<ConversionProgress> report) : IProgress<ConversionProgress>
    {
        public void Report(ConversionProgress value) => report(value);
    }
}
