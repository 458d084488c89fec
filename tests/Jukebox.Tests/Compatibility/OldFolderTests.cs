using System.Diagnostics;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;
using Jukebox.Models.Format;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Compatibility;

/// <summary>
/// A model folder, a song and a training run that version 0.1 wrote, the latter two killed on their way: they open, and go on to
/// the bytes that 0.1 would have written (<c>data/*.sha256</c>). The weights are those of <see cref="NoiseModel"/>, which the old
/// <c>model.json</c> holds by their digests.
/// </summary>
public sealed class OldFolderTests : IDisposable
{
    private static readonly string Data = Path.Combine(AppContext.BaseDirectory, "Compatibility", "data");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AnOldModelFolderHoldsWhatItsDescriptionSays()
    {
        using var model = ModelFolder.Open(OldModel());
        model.Verify();
        Assert.Equal("noise", model.Description.Name);
    }

    [Fact]
    public void AnOldSongGoesOnToTheSameBytes()
    {
        string song = _folder["song"];
        Copy(Path.Combine(Data, "song_half"), song);
        var run = CliRun.Of("sample", "--resume", song, "--model", OldModel(), "--device", "cpu", "--instruction-set", "portable");
        Assert.Equal((0, ""), (run.ExitCode, run.ExitCode == 0 ? "" : run.Error));
        CheckDigests("song_half.sha256", song);
    }

    [SkippableFact]
    public void AnOldRunGoesOnToTheSameWeights()
    {
        Skip.IfNot(Avx2.IsSupported, "the run was begun with AVX2, which this process does not have");
        string run = _folder["run"];
        Copy(Path.Combine(Data, "run_half"), run);
        Copy(Path.Combine(Data, "music"), _folder["music"]);
        string description = Path.Combine(run, "run.json");
        string json = File.ReadAllText(description);
        Assert.Contains("\"/old/music\"", json, StringComparison.Ordinal);
        File.WriteAllText(description, json.Replace("/old/", _folder.Path.Replace('\\', '/') + "/", StringComparison.Ordinal));

        // Sums of training round as the vectors are wide: the process is given those that the run began with.
        string host = Environment.ProcessPath is { } own && Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
        var start = new ProcessStartInfo(host, [Path.Combine(AppContext.BaseDirectory, "jukebox-native.dll"), "train", "vqvae", "--resume", run])
        {
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableAVX512"] = "0" },
        };
        using Process process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal((0, ""), (process.ExitCode, process.ExitCode == 0 ? "" : said));
        CheckDigests("run_half.sha256", run);
    }

    private string OldModel()
    {
        string model = _folder["model"];
        NoiseModel.Write(model);
        Copy(Path.Combine(Data, "model"), model);
        return model;
    }

    /// <summary>Holds files against lines of <c>sha256sum</c>.</summary>
    private static void CheckDigests(string list, string folder)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Data, list));
        Assert.NotEmpty(lines);
        Assert.All(lines, line =>
        {
            string[] parts = line.Split("  ", 2);
            Assert.Equal(parts[0], Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, parts[1])))));
        });
    }

    private static void Copy(string source, string target)
    {
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
