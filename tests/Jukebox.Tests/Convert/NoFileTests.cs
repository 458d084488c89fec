using System.Runtime.InteropServices;
using Jukebox.Conversion;
using Jukebox.Core.Errors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Conversion;

/// <summary>What stands where a file is meant and is none, or is one far too large: nothing waits, and nothing is read without end.</summary>
public sealed partial class NoFileTests : IDisposable
{
    private const long OversizeBytes = 17 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableTheory]
    [InlineData("pth/vqvae.pth.tar", "pth")]
    [InlineData("pth/vqvae.pth.tar", "pth/vqvae.pth.tar")]
    [InlineData("hf/config.json", "hf")]
    [InlineData("hf/model.safetensors.index.json", "hf")]
    [InlineData("hf/model-00002-of-00003.safetensors", "hf")]
    [InlineData("hf/artists.json", "hf")]
    [InlineData("hf/genres.json", "hf")]
    [InlineData("model/model.json", "model")]
    [InlineData("model/vqvae.safetensors", "model")]
    [InlineData("model/labels/v3_artist_ids.txt", "model")]
    [InlineData("labels/v2_artist_ids.txt", "hf", "labels")]
    public void PipesAreRefusedWhereFilesAreMeant(string pipe, string source, string? labels = null)
    {
        Skip.If(OperatingSystem.IsWindows(), "named pipes lie in a place of their own");
        Prepare();
        string path = _folder[pipe];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        Assert.Equal(0, MakePipe(path, 0x1b4));
        string message = FailureOf(source, labels);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("is a pipe, not a file", message, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    [InlineData("/dev/urandom")]
    public void DevicesAreRefused(string device)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), $"{device} is Linux's");
        Assert.Contains("it is a device, not a file", FailureOf(device, null), StringComparison.Ordinal);
        File.CreateSymbolicLink(_folder["link.pth.tar"], device);
        Assert.Contains("it is a device, not a file", FailureOf("link.pth.tar", null), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("hf/config.json", "hf")]
    [InlineData("hf/model.safetensors.index.json", "hf")]
    [InlineData("hf/artists.json", "hf")]
    [InlineData("model/model.json", "model")]
    [InlineData("model/labels/v3_artist_ids.txt", "model")]
    public void TextsAreLimitedBeforeTheyAreRead(string name, string source)
    {
        Prepare();
        string path = _folder[name];
        using (FileStream file = File.OpenWrite(path))
        {
            file.SetLength(OversizeBytes);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread();
        string message = FailureOf(source, null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, OversizeBytes);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("it has 17.8 MB, too many for a", message, StringComparison.Ordinal);
    }

    /// <summary>Caches hold links: what counts is what is opened, not the link's own few bytes.</summary>
    [SkippableFact]
    public void LinksAreAsLargeAsWhatTheyLeadTo()
    {
        Skip.If(OperatingSystem.IsWindows(), "links take a privilege");
        Prepare();
        foreach (string name in (string[])["hf", "model"])
        {
            ModelConverter.Run(new ConversionRequest { Sources = [_folder[name]], Output = _folder[$"{name}-direct"] });
            foreach (string path in Directory.GetFiles(_folder[name], "*", SearchOption.AllDirectories))
            {
                string link = path.Replace(_folder[name], _folder[$"{name}-links"], StringComparison.Ordinal);
                Directory.CreateDirectory(Path.GetDirectoryName(link)!);
                File.CreateSymbolicLink(link, path);
            }

            ModelConverter.Run(new ConversionRequest { Sources = [_folder[$"{name}-links"]], Output = _folder[$"{name}-linked"], Name = $"{name}-direct" });
            foreach (string path in Directory.GetFiles(_folder[$"{name}-direct"], "*.safetensors"))
            {
                Assert.Equal(File.ReadAllBytes(path), File.ReadAllBytes(_folder[$"{name}-linked", Path.GetFileName(path)]));
            }
        }

        File.WriteAllBytes(_folder["model", "model.json"], [.. new byte[JsonLimitBytes], (byte)'{']);
        Assert.Contains("too many for a description", FailureOf("model-links", null), StringComparison.Ordinal);
    }

    private const int JsonLimitBytes = 16 << 20;

    [Fact]
    public void AByteOrderMarkIsNoPartOfTheText()
    {
        Prepare();
        foreach (string name in (string[])["model/model.json"])
        {
            File.WriteAllBytes(_folder[name], [0xef, 0xbb, 0xbf, .. File.ReadAllBytes(_folder[name])]);
        }

        Assert.Equal("noise", ModelConverter.Run(new ConversionRequest { Sources = [_folder["model"]], Output = _folder["out"], Name = "noise" }).Description.Name);
    }

    private string FailureOf(string source, string? labels)
    {
        Task<Exception?> conversion = Task.Run<Exception?>(() => Record.Exception(() => ModelConverter.Run(new ConversionRequest
        {
            Sources = [_folder[source]],
            Output = _folder["out"],
            LabelFolder = labels is null ? null : _folder[labels],
        })));
        Assert.True(conversion.Wait(Patience), $"{source} is waited for");
        Exception? error = conversion.Result;
        Assert.True(error is ConversionException or DamagedFileException, $"{error}");
        Assert.False(Directory.Exists(_folder["out"]));
        return error.Message;
    }

    /// <summary>A checkpoint, a repository and a model folder, each to be spoilt.</summary>
    private void Prepare()
    {
        string repository = GoldenDirectory.Require("hf_pipeline_5b_lyrics_primed", "safetensors_fp16");
        _folder.Write("pth/vqvae.pth.tar", File.ReadAllBytes(GoldenDirectory.Require("vqvae_tiny", "vqvae.zip.pth.tar")));
        foreach (string path in Directory.GetFiles(repository))
        {
            _folder.Write($"hf/{Path.GetFileName(path)}", File.ReadAllBytes(path));
        }

        _folder.Write("hf/artists.json", """{"unknown":0,"unknown.v2":0}""");
        _folder.Write("hf/genres.json", """{"unknown":0,"unknown.v2":0}""");
        foreach ((string name, byte[] content) in TemporaryFolder.Files(NoiseModelFolder.Path))
        {
            _folder.Write($"model/{name}", content);
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakePipe(string path, uint mode);
}
