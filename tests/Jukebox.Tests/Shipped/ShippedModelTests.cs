using System.Globalization;
using System.Runtime.Intrinsics;
using System.Text.Json;
using Jukebox.Audio.Writing;
using Jukebox.Models.Format;
using Jukebox.Songs.Folder;
using Jukebox.Studio.Models;
using Jukebox.Tests.Cli;
using Xunit;

namespace Jukebox.Tests.Shipped;

/// <summary>The model that ships is whole, is found, and does what the README says.</summary>
public sealed class ShippedModelTests : IDisposable
{
    /// <summary>Everybody who clones the repository downloads it.</summary>
    private const long MostBytes = 40 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public void ItIsTakenWhereNoModelIsGiven()
    {
        Skip.If(Environment.GetEnvironmentVariable(ModelLocator.Variable) is { Length: > 0 }, $"{ModelLocator.Variable} names another model");
        Assert.Equal(ShippedModel.Folder, CliRun.JsonOf("info", "--json").GetProperty("folder").GetString());
    }

    [Fact]
    public void ItsFilesAreThoseThatItDescribes()
    {
        using var folder = ModelFolder.Open(ShippedModel.Folder);
        folder.Verify();
        Assert.Contains(ModelDescription.VqVaeFileName, folder.Description.Files.Keys);
        folder.OpenVqVae();
        Assert.Equal(Enumerable.Range(0, folder.Description.VqVae.Levels).Reverse(), ShippedModel.Levels);
        foreach (int level in ShippedModel.Levels)
        {
            Assert.Contains(ModelDescription.PriorFileName(level), folder.Description.Files.Keys);
            folder.OpenPrior(level);
        }

        Assert.InRange(folder.Description.Files.Values.Sum(file => file.LengthBytes), 1, MostBytes);
    }

    [Fact]
    public void ItSaysWhereItComesFromAndUnderWhichLicence()
    {
        JsonElement info = CliRun.JsonOf("info", ShippedModel.Folder, "--json");
        Assert.All((string[])["origin", "licence"], name => Assert.False(string.IsNullOrWhiteSpace(info.GetProperty(name).GetString()), name));
        Assert.Equal("MIT", info.GetProperty("licence").GetString());
        Assert.False(ShippedModel.Description.Origin.StartsWith(RandomModel.OriginPrefix, StringComparison.Ordinal), "no trained model ships");
    }

    [Fact]
    public void EveryLevelKnowsTheLabelsOfTheReadmesFirstCommand()
    {
        string[] command = ReadmeCommand.First();
        string[] names = [.. ReadmeCommand.Option(command, "--artist"), .. ReadmeCommand.Option(command, "--genre")];
        Assert.NotEmpty(names);
        JsonElement levels = CliRun.JsonOf(["labels", .. names, "--model", ShippedModel.Folder, "--json"]).GetProperty("levels");
        Assert.Equal(ShippedModel.Levels.Length, levels.GetArrayLength());
        Assert.All(levels.EnumerateArray(), level => Assert.Empty(level.GetProperty("warnings").EnumerateArray()));
    }

    [Fact]
    public void TheReadmesFirstCommandCanBeCarriedOut()
    {
        string[] command = ReadmeCommand.First();
        Assert.Equal("sample", command[0]);
        JsonElement plan = CliRun.JsonOf(["plan", .. command[1..], "--model", ShippedModel.Folder, "--device", "cpu", "--no-time", "--json"]);
        Assert.Equal(ShippedModel.Levels, plan.GetProperty("levels").EnumerateArray().Select(level => level.GetProperty("level").GetInt32()));
    }

    /// <summary>The shortest that has a window at every level; without vectors a draft, as the finer levels take minutes there.</summary>
    [Fact]
    public void ASongOfItsDefaultsHasSoundAtEveryLevel()
    {
        ModelDescription model = ShippedModel.Description;
        int[] sampled = Vector128.IsHardwareAccelerated ? ShippedModel.Levels : ShippedModel.Levels[..1];
        int hop = model.VqVae.SamplesPerToken(ShippedModel.Levels[0]);
        long samples = sampled.Length == 1 ? 8 * hop : ModelBehaviour.ShortestSong(model);
        string seconds = ((double)samples / model.SampleRateHz).ToString("R", CultureInfo.InvariantCulture);
        CliRun run = CliRun.Of(
            "sample", "--model", ShippedModel.Folder, "--device", "cpu", "--seconds", seconds, "--seed", "1",
            "--levels", $"{sampled.Length}", "--output", _folder["song"]);
        Assert.True(run.ExitCode == 0, run.Error);
        foreach (int level in sampled)
        {
            float[] audio = WaveFile.Read(SongFolder.WavePath(_folder["song"], level, 0), out int rateHz, out _);
            Assert.Equal((model.SampleRateHz, samples / hop * hop), (rateHz, audio.Length));
            Assert.True(audio.Distinct().Count() > 1, $"level {level} is silent");
        }
    }
}
