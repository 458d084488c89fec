using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Studio.Devices;
using Jukebox.Tests.Cli;
using Jukebox.Training.Runs;
using Xunit;

namespace Jukebox.Tests.Training;

/// <summary>From a folder of audio to a song, as a person would do it.</summary>
public sealed class TrainTests(TrainedToy toy) : IClassFixture<TrainedToy>
{
    [Fact]
    public void AVqVaesRunLeavesFiguresCurvesSamplesAndAModel()
    {
        Assert.Equal(toy.Model, toy.Training.Output.TrimEnd());
        Assert.Contains("3 of 3 recordings", toy.Training.Error, StringComparison.Ordinal);
        Assert.Contains("step 4  validation  loss ", toy.Training.Error, StringComparison.Ordinal);
        Assert.Equal([2, 4, 4, 6], MetricsLog.Read(toy.Folder["vqvae", "metrics.jsonl"]).Select(line => line.Step));
        Assert.Contains("<svg", File.ReadAllText(toy.Folder["vqvae", "loss.svg"]), StringComparison.Ordinal);
        Assert.Equal(
            ["excerpt_0_level_0.wav", "excerpt_0_level_1.wav", "excerpt_0_original.wav"],
            Directory.GetFiles(toy.Folder["vqvae", "samples", "step_000000006"]).Select(Path.GetFileName).Order());
        using var model = ModelFolder.Open(toy.Model);
        model.Verify();
        Assert.Equal(("toy", TrainedToy.RateHz, 0), (model.Description.Name, model.Description.SampleRateHz, model.Description.Priors.Length));
    }

    [Fact]
    public void AModelOfAllLevelsGrowsLevelByLevelAndSings()
    {
        Prior(1, "top", toy.Model);
        CliRun upsampler = Prior(0, "up", toy.Folder["top", "model"]);
        string model = upsampler.Output.TrimEnd();
        Assert.Equal(["window_0.wav", "window_1.wav"], Directory.GetFileSystemEntries(toy.Folder["up", "samples", "step_000000006"]).Select(Path.GetFileName).Order());
        using (var folder = ModelFolder.Open(model))
        {
            folder.Verify();
            Assert.Equal([0, 1], folder.Description.Priors.Select(prior => prior.Level));
            Assert.Equal(3, folder.Description.Provenance!.Length);
            Assert.Equal(folder.Description.Origin, string.Join("; ", folder.Description.Provenance));
            Assert.All(folder.Description.Priors, prior => Assert.Equal((3, 3), (prior.Labels!.ArtistCount, prior.Labels.GenreCount)));
        }

        Assert.Equal("unknown;0\nada;1\nbea;2\n", File.ReadAllText(Path.Combine(model, "labels", "v3_artist_ids.txt")));
        CliRun song = CliRun.Of(
            "sample", "--device", "cpu", "--model", model, "--artist", "Bea", "--genre", "piano", "--seconds", "1", "--total-seconds", "5", "--seed", "1", "--output", toy.Folder["song"]);
        Assert.True(song.ExitCode == 0, song.Error);
        Assert.True(File.Exists(toy.Folder["song", "level_0", "item_0.wav"]));
    }

    [Fact]
    public void RunsThatGoOnEndInTheSameBits()
    {
        string settings = toy.PriorSettings(1);
        foreach ((string kind, string[] args) in new[] { ("vqvae", (string[])["--settings", toy.Folder["vqvae.json"]]), ("prior", ["--settings", settings, "--vqvae", toy.Model]) })
        {
            string whole = toy.Folder[$"{kind}-whole"], parts = toy.Folder[$"{kind}-parts"];
            TrainedToy.Run([kind, "--data", toy.Data, "--output", whole, .. args]);
            TrainedToy.Run([kind, "--data", toy.Data, "--output", parts, "--steps", "3", .. args]);
            TrainedToy.Run(kind, "--resume", parts, "--steps", "6");
            string checkpoint = Path.Combine("checkpoints", "step_000000006.safetensors");
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole, checkpoint)), File.ReadAllBytes(Path.Combine(parts, checkpoint)));
        }
    }

    /// <summary>With two channels: they are blended when the run begins and when it goes on.</summary>
    [Fact]
    public void ARunThatBlendsChannelsGoesOnToTheSameBits()
    {
        toy.WriteRecording("stereo/a.wav", 6, 220, 550);
        string settings = toy.Folder.Write("blend.json", File.ReadAllText(toy.Folder["vqvae.json"]).Replace("\"batch_size\"", "\"windows\": { \"blend\": true }, \"batch_size\"", StringComparison.Ordinal));
        string[] ask = ["vqvae", "--data", toy.Folder["stereo"], "--settings"];
        TrainedToy.Run([.. ask, settings, "--output", toy.Folder["blend-whole"]]);
        TrainedToy.Run([.. ask, settings, "--output", toy.Folder["blend-parts"], "--steps", "3"]);
        TrainedToy.Run("vqvae", "--resume", toy.Folder["blend-parts"], "--steps", "6");
        TrainedToy.Run([.. ask, toy.Folder["vqvae.json"], "--output", toy.Folder["mean"]]);
        string checkpoint = Path.Combine("checkpoints", "step_000000006.safetensors");
        Assert.Equal(File.ReadAllBytes(toy.Folder["blend-whole", checkpoint]), File.ReadAllBytes(toy.Folder["blend-parts", checkpoint]));
        Dictionary<string, float[]> blended = VqVaeOf(toy.Folder["blend-whole", "model"]), mean = VqVaeOf(toy.Folder["mean", "model"]);
        Assert.Contains(blended, tensor => !tensor.Value.SequenceEqual(mean[tensor.Key]));
    }

    [Fact]
    public void ALevelCanBeTrainedFurtherUnderPriorsThatDoNotReadIt()
    {
        Prior(1, "above", toy.Model);
        string[] further = ["vqvae", "--data", toy.Data, "--settings", toy.Folder["vqvae.json"], "--from", toy.Model, "--level", "0"];
        TrainedToy.Run([.. further, "--output", toy.Folder["further"]]);
        TrainedToy.Run([.. further, "--output", toy.Folder["further-parts"], "--steps", "3"]);
        TrainedToy.Run("vqvae", "--resume", toy.Folder["further-parts"], "--steps", "6");
        string checkpoint = Path.Combine("checkpoints", "step_000000006.safetensors"), model = toy.Folder["further", "model"];
        Assert.Equal(File.ReadAllBytes(toy.Folder["further", checkpoint]), File.ReadAllBytes(toy.Folder["further-parts", checkpoint]));
        Assert.Equal(
            ["excerpt_0_level_0.wav", "excerpt_0_original.wav"],
            Directory.GetFiles(toy.Folder["further", "samples", "step_000000006"]).Select(Path.GetFileName).Order());
        Dictionary<string, float[]> before = VqVaeOf(toy.Model);
        Assert.All(VqVaeOf(model), tensor => Assert.True(tensor.Value.SequenceEqual(before[tensor.Key]) == (VqVaeTensorNames.LevelOf(tensor.Key) == 1), tensor.Key));

        Assert.Equal(0, CliRun.Of("train", "export", toy.Folder["above"], model).ExitCode);
        TrainedToy.Run("vqvae", "--data", toy.Data, "--settings", toy.Folder["vqvae.json"], "--from", toy.Model, "--level", "1", "--output", toy.Folder["top-moved"]);
        AssertRefused(CliRun.Of("train", "export", toy.Folder["above"], toy.Folder["top-moved", "model"]), "has another VQ-VAE than the one that the prior was trained on");

        AssertRefused(CliRun.Of("train", "export", toy.Folder["top-moved"], model, "--force"), "has a prior of level 1, which was trained on codes that would then be others");
        string joined = toy.Folder["top-moved", "model"];
        Dictionary<string, float[]> moved = VqVaeOf(joined), kept = VqVaeOf(model);
        Assert.Equal(0, CliRun.Of("train", "export", toy.Folder["further"], joined, "--force").ExitCode);
        Assert.All(VqVaeOf(joined), tensor => Assert.Equal((VqVaeTensorNames.LevelOf(tensor.Key) == 0 ? kept : moved)[tensor.Key], tensor.Value));
        Assert.Equal("not stated", ModelDescription.Read(joined).Licence);
        string origin = ModelDescription.Read(joined).Origin;
        Assert.All((string[])["VQ-VAE trained by", "VQ-VAE level 1 trained further by", "VQ-VAE level 0 trained further by"], part => Assert.Contains(part, origin, StringComparison.Ordinal));
        string settings = File.ReadAllText(toy.Folder["vqvae.json"]).Replace("\"name\"", "\"licence\": \"for noncommercial use\", \"name\"", StringComparison.Ordinal);
        string licensed = toy.Folder.Write("licensed.json", settings);
        TrainedToy.Run("vqvae", "--data", toy.Data, "--settings", licensed, "--from", joined, "--steps", "1", "--level", "0", "--output", toy.Folder["licensed"]);
        Assert.Equal("not stated; VQ-VAE level 0: for noncommercial use", ModelDescription.Read(toy.Folder["licensed", "model"]).Licence);
        AssertRefused(
            CliRun.Of("train", "vqvae", "--data", toy.Data, "--settings", toy.Folder["vqvae.json"], "--level", "0", "--output", toy.Folder["nothing"]),
            "Levels that do not learn must come from a model; name it with --from");
    }

    /// <summary>A run that was killed before its first checkpoint begins with the model again.</summary>
    [Fact]
    public void AModelThatIsAnotherNowIsNotWhatARunBeginsWith()
    {
        Prior(1, "kept", toy.Model);
        string model = toy.Folder["kept", "model"], run = toy.Folder["lost"];
        TrainedToy.Run("prior", "--data", toy.Data, "--settings", toy.PriorSettings(1), "--from", model, "--output", run, "--steps", "1");
        Array.ForEach(Directory.GetFiles(Path.Combine(run, "checkpoints")), File.Delete);
        CliRun lost = CliRun.Of("train", "prior", "--resume", run);
        Assert.Equal(1, lost.ExitCode);
        Assert.Contains("its checkpoints are gone; put them back", lost.Error, StringComparison.Ordinal);
        Assert.Equal(1, CliRun.Of("verify", run).ExitCode);
        Directory.Delete(Path.Combine(run, "model"), recursive: true); // as in a run that was killed before its first checkpoint
        (ModelDescription.Read(model) with { Priors = [] }).Write(model);
        CliRun resumed = CliRun.Of("train", "prior", "--resume", run);
        Assert.Equal(1, resumed.ExitCode);
        Assert.Contains($"{model} is another model now than the one that the run was to begin with; put that back, or begin another run.", resumed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void FurtherTrainingKeepsRowsByNameAndSaysWhichAreNew()
    {
        Prior(1, "first", toy.Model);
        Prior(0, "second", toy.Folder["first", "model"]);
        string model = toy.Folder["second", "model"];
        toy.WriteRecording("news/d.wav", 4, 500);
        toy.WriteRecording("news/e.wav", 4, 600);
        toy.Folder.Write("news/manifest.tsv", "file\tartist\tgenre\nd\tCleo\tpiano\ne\tAda\tharp\n");
        CliRun run = TrainedToy.Run(
            "prior", "--data", toy.Folder["news"], "--settings", toy.PriorSettings(1), "--from", model, "--output", toy.Folder["tuned"], "--learning-rate", "0");
        Assert.Contains("3 artists keep their rows; new and initialised: 'cleo'.", run.Error, StringComparison.Ordinal);
        Assert.Contains("3 genres keep their rows; new and initialised: 'harp'.", run.Error, StringComparison.Ordinal);

        using ModelFolder before = ModelFolder.Open(model), after = ModelFolder.Open(toy.Folder["tuned", "model"]);
        after.Verify();
        Assert.Equal(4, after.PriorOf(0).Labels!.ArtistCount);
        LabelTables names = LabelTables.Open(after.Path);
        Assert.Equal((1, 3), (names.Resolve(after.PriorOf(0), "Ada", "piano").ArtistId, names.Resolve(after.PriorOf(1), "Cleo", "harp").ArtistId));
        foreach (int level in (int[])[0, 1])
        {
            float[] old = before.OpenPrior(level)["y_emb.artist_emb.emb.weight"].ReadSingles(), rows = after.OpenPrior(level)["y_emb.artist_emb.emb.weight"].ReadSingles();
            Assert.Equal(old, rows[..old.Length]);
            Assert.Equal(level == 0, rows[old.Length..].AsSpan().SequenceEqual(old.AsSpan(0, 16))); // the level that was not trained sings it as unknown
        }

        Assert.Equal(0, CliRun.Of("info", after.Path).ExitCode);
    }

    [Fact]
    public void ExportsRefuseWhatIsNotTheirs()
    {
        Prior(1, "exported", toy.Model);
        AssertRefused(CliRun.Of("train", "export", toy.Folder["vqvae"], toy.Model), "already holds a model; choose another folder, or overwrite it with --force.");
        AssertRefused(CliRun.Of("train", "export", toy.Folder["exported"], toy.Folder["exported", "model"]), "already has a prior of level 1");
        TrainedToy.Run("vqvae", "--data", toy.Data, "--settings", toy.Folder["vqvae.json"], "--output", toy.Folder["other"], "--seed", "9");
        AssertRefused(CliRun.Of("train", "export", toy.Folder["exported"], toy.Folder["other", "model"]), "has another VQ-VAE than the one that the prior was trained on");
        AssertRefused(CliRun.Of("train", "export", toy.Folder["vqvae"], toy.Folder["other"], "--force"), "holds a run, and a model has a folder of its own");
        string mine = toy.Folder.Write("fresh/prior_1.safetensors", "mine");
        AssertRefused(CliRun.Of("train", "export", toy.Folder["exported"], toy.Folder["fresh"]), "holds 'prior_1.safetensors' but no model; choose another folder, or overwrite it with --force.");
        Assert.Equal("mine", File.ReadAllText(mine));
        Assert.Equal([mine], Directory.GetFiles(toy.Folder["fresh"]));
        File.Delete(mine);
        Assert.Equal(0, CliRun.Of("train", "export", toy.Folder["exported"], toy.Folder["fresh"], "--dtype", "f16").ExitCode);
        Assert.DoesNotContain(Directory.GetFiles(toy.Folder["fresh"], "*", SearchOption.AllDirectories), file => file.EndsWith(".tmp", StringComparison.Ordinal));
        using var model = ModelFolder.Open(toy.Folder["fresh"]);
        Assert.Equal(ElementType.F16, model.OpenPrior(1)["prior.x_emb.weight"].Type);
    }

    /// <summary>Priors may have joined it since.</summary>
    [Fact]
    public void AVqVaesRunThatIsDoneLeavesItsModelAsItIs()
    {
        TrainedToy.Run("vqvae", "--data", toy.Data, "--settings", toy.Folder["vqvae.json"], "--output", toy.Folder["done"], "--seed", "5");
        string model = toy.Folder["done", "model"];
        Prior(1, "of-done", model);
        Assert.Equal(0, CliRun.Of("train", "export", toy.Folder["of-done"], model).ExitCode);
        SortedDictionary<string, byte[]> before = TemporaryFolder.Files(model);
        Assert.Equal(0, CliRun.Of("train", "vqvae", "--resume", toy.Folder["done"]).ExitCode);
        AssertRefused(CliRun.Of("train", "vqvae", "--resume", toy.Folder["done"], "--steps", "7"), "has priors by now, which were trained on codes that would then be others; make a model elsewhere: jukebox-native train export");
        Assert.Equal(before.AsEnumerable(), TemporaryFolder.Files(model), (a, b) => a.Key == b.Key && a.Value.AsSpan().SequenceEqual(b.Value));
    }

    /// <summary>What a run is to learn from does not go with the run that it replaces.</summary>
    [Fact]
    public void AReplacedRunsPartsAreNoInput()
    {
        string run = toy.Folder["vqvae"], checkpoint = toy.Folder["vqvae", "checkpoints", "step_000000006.safetensors"];
        string[] ask = ["train", "vqvae", "--settings", toy.Folder["vqvae.json"], "--output", run, "--force"];
        AssertRefused(CliRun.Of([.. ask, "--data", toy.Data, "--from", toy.Model]), $"{toy.Model} is a part of {run}, and would be deleted for the new run; choose another folder with --output.");
        AssertRefused(CliRun.Of([.. ask, "--data", toy.Folder["vqvae", "samples"]]), "is a part of");
        string link = toy.Folder["link"];
        Directory.CreateSymbolicLink(link, toy.Model);
        AssertRefused(CliRun.Of([.. ask, "--data", toy.Data, "--from", link]), "is a part of");
        Assert.True(File.Exists(checkpoint));
    }

    /// <summary>Whether a window's share of vectors reaches the threshold, or only a batch's does.</summary>
    [Theory]
    [InlineData("[0.5, 0.5]")]
    [InlineData("[20, 5]")]
    public void ATrainedCodebookIsNotRestartedWhenItIsTrainedFurther(string thresholds)
    {
        string text = File.ReadAllText(toy.Folder["vqvae.json"]).Replace("[0.5, 0.5]", thresholds, StringComparison.Ordinal), output = toy.Folder[$"on {thresholds}"];
        TrainedToy.Run("vqvae", "--data", toy.Data, "--settings", toy.Folder.Write("on.json", text), "--from", toy.Model, "--output", output, "--steps", "1");
        Assert.Equal(16, MetricsLog.Read(Path.Combine(output, "metrics.jsonl")).Single().Values["usage"]);
    }

    [Fact]
    public void ARunOfTheOtherKindIsNotTakenUp() =>
        AssertRefused(CliRun.Of("train", "prior", "--resume", toy.Folder["vqvae"]), "go on with it by: jukebox-native train vqvae --resume");

    [Fact]
    public void ARunGoesOnOnlyWithSettingsThatMakeSense()
    {
        string run = toy.Folder["vqvae"], before = File.ReadAllText(toy.Folder["vqvae", "run.json"]);
        AssertRefused(CliRun.Of("train", "vqvae", "--resume", run, "--learning-rate", "1000"), "rate.learning_rate");
        Assert.Equal(2, CliRun.Of("train", "vqvae", "--resume", run, "--learning-rate", "NaN").ExitCode);
        Assert.Equal(2, CliRun.Of("train", "vqvae", "--resume", run, "--checkpoint-every", "-3").ExitCode);
        Assert.Equal(before, File.ReadAllText(toy.Folder["vqvae", "run.json"]));
    }

    [Fact]
    public void NotEnoughMemoryNamesBothNumbers()
    {
        CliRun run = CliRun.Of(
            new MachineResources(() => 1_000_000_000, _ => long.MaxValue),
            "train", "prior", "--data", toy.Data, "--preset", "prior_5b", "--level", "1", "--vqvae", toy.Model, "--output", toy.Folder["huge"]);
        AssertRefused(run, "Not enough memory: training prior_5b needs 100.");
        AssertRefused(run, " GB for its parameters alone, and 1.0 GB are available; choose a smaller preset or shape.");
        AssertRefused(
            CliRun.Of(
                new MachineResources(() => 1_000_000_000, _ => long.MaxValue),
                "train", "vqvae", "--data", "nowhere", "--preset", "small_vqvae", "--output", toy.Folder["huge"]),
            "Not enough memory: 1.0 GB are available, and training small_vqvae on 4 windows at once needs ");
        AssertRefused(
            CliRun.Of(
                new MachineResources(() => 500_000_000, _ => long.MaxValue),
                "train", "prior", "--data", "nowhere", "--preset", "tiny_top", "--settings", toy.PriorSettings(1), "--batch", "16384", "--vqvae", toy.Model, "--output", toy.Folder["huge"]),
            " GB; use a smaller --batch, shorter windows or a smaller shape, or set recompute_activations.");
        Assert.False(Directory.Exists(toy.Folder["huge"]));
    }

    private static Dictionary<string, float[]> VqVaeOf(string path)
    {
        using var model = ModelFolder.Open(path);
        model.Verify();
        return model.OpenVqVae().Tensors.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.ReadSingles());
    }

    private static void AssertRefused(CliRun run, string said)
    {
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private CliRun Prior(int level, string output, string model) => TrainedToy.Run(
        "prior", "--data", toy.Data, "--settings", toy.PriorSettings(level), "--vqvae", model, "--output", toy.Folder[output]);
}
