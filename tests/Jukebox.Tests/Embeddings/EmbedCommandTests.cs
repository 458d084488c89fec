using System.IO.Compression;
using System.Text.Json;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.Recordings;
using Jukebox.Recordings.Embeddings;
using Jukebox.Recordings.VectorFiles;
using Jukebox.Testing.Golden;
using Jukebox.Tests.Audio;
using Jukebox.Tests.Cli;
using ParquetSharp;
using Xunit;

namespace Jukebox.Tests.Embeddings;

/// <summary>The command, from recordings to files: the extractors' own outputs, and what must not change them.</summary>
public sealed class EmbedCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every output of the extractors that is made of a recording, by the options that name it.</summary>
    [SkippableFact]
    public void PresetsMakeWhatTheExtractorsMake()
    {
        using var golden = new EmbedCase("embed_tools");
        int compared = 0, refused = 0;
        foreach ((int index, JsonElement output) in golden.Case.GetProperty("outputs").EnumerateArray().Index())
        {
            if (!output.TryGetProperty("audio", out JsonElement audio) || audio.ValueKind != JsonValueKind.String)
            {
                continue;
            }

            string recording = Write(golden, audio.GetString()!), results = _folder[$"out{index}"];
            int[] layers = [.. output.GetProperty("layers").EnumerateArray().Select(layer => layer.GetInt32())];
            string stretch = Stretch(output);
            List<string> options = ["embed", recording + stretch, "--model", golden.Model.Path, "--layers", string.Join(',', layers), "--output", results];
            options.AddRange(["--preset", output.GetProperty("preset").GetString()!]);
            if (output.TryGetProperty("fps", out JsonElement fps))
            {
                // What a preset has and this output has not is taken back: a rate beyond that of tokens is one a token.
                options.AddRange(fps.ValueKind == JsonValueKind.Number ? ["--fps", fps.GetRawText()] : output.GetProperty("preset").GetString() == "llark" ? ["--fps", "1000"] : []);
            }

            if (output.TryGetProperty("pool", out JsonElement pool))
            {
                options.AddRange(["--pool", pool.GetString() == "average" ? "none" : pool.GetString()!]);
            }

            CliRun run = CliRun.Of([.. options]);
            if (output.TryGetProperty("error", out _))
            {
                Assert.Equal(1, run.ExitCode);
                Assert.Contains("--short keep takes it as it is (as jukemirlib does), --short pad fills it with silence (as LLark does).", run.Error, StringComparison.Ordinal);
                refused++;
                continue;
            }

            Assert.True(run.ExitCode == 0, run.Error);
            string tensor = output.GetProperty("tensor").GetString()!;
            for (int i = 0; i < layers.Length; i++)
            {
                string name = Path.GetFileNameWithoutExtension(recording) + stretch;
                var file = NumpyFile.Read(Path.Combine(results, layers.Length == 1 ? $"{name}.npy" : $"{name}.{layers[i]}.npy"));
                float[] expected = layers.Length == 1 ? golden.Values(tensor) : golden.Values(tensor, i);
                Assert.Equal(output.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()).Skip(layers.Length == 1 ? 0 : 1), file.Shape);
                Closeness.CheckAgainstLargest($"{tensor}, layer {layers[i]}", expected, file.Floats(), Tolerances.GoldenFeatures);
                compared++;
            }
        }

        Assert.True(compared >= 40 && refused == 3, $"{compared} arrays, {refused} refusals");
    }

    [SkippableFact]
    public void SlicesAreEdgesWithAPeakAndAFileOfTheirOwn()
    {
        using var golden = new EmbedCase("embed_edge");
        JsonElement output = golden.Case.GetProperty("outputs").EnumerateArray().Single();
        Run("embed", GoldenDirectory.Require("embed_edge", golden.Case.GetProperty("audio").GetString()!), "--model", golden.Model.Path, "--preset", "edge",
            "--layers", output.GetProperty("layers")[0].GetRawText(), "--slice", output.GetProperty("slice_seconds").GetRawText(),
            "--slice-hop", output.GetProperty("slice_hop_seconds").GetRawText(), "--fps", output.GetProperty("fps").GetRawText(), "--output", _folder["edge"]);
        for (int slice = 0; slice < output.GetProperty("slices").GetInt32(); slice++)
        {
            Closeness.CheckAgainstLargest($"slice {slice}", golden.Values("edge", slice), NumpyFile.Read(_folder["edge", $"music_slice{slice}.npy"]).Floats(), Tolerances.GoldenFeatures);
        }
    }

    /// <summary>The same bytes whatever the batch, the order, the threads, the parts.</summary>
    [SkippableFact]
    public void NothingButSettingsChangesAByte()
    {
        using var golden = new EmbedCase("embed_tools");
        string music = _folder["music"];
        foreach (string clip in (string[])["full", "short", "long", "one", "silence"])
        {
            File.Copy(Write(golden, clip), Path.Combine(Directory.CreateDirectory(Path.Combine(music, clip[..1])).FullName, $"{clip}.wav"));
        }

        string[] settings = ["--model", golden.Model.Path, "--preset", "jukemirlib", "--layers", "2,5", "--hop", "0.1", "--codes"];
        Run(["embed", music, .. settings, "--output", _folder["whole"]]);
        SortedDictionary<string, byte[]> expected = Results(_folder["whole"]);
        Assert.Equal(15, expected.Count);

        Run(["embed", music, .. settings, "--batch", "1", "--threads", "1", "--output", _folder["alone"]]);
        Same(expected, _folder["alone"]);

        foreach (string part in (string[])["2/3", "1/3", "3/3"])
        {
            Run(["embed", music, .. settings, "--batch", "3", "--shard", part, "--output", _folder["parts"]]);
        }

        Same(expected, _folder["parts"]);
        CliRun merged = Run("embed", "--merge", _folder["parts"]);
        Assert.Contains("5 done, 0 left out, 0 failed; 0 problems", merged.Output, StringComparison.Ordinal);
        Assert.Equal(5, File.ReadLines(_folder["parts", "merged.jsonl"]).Count());
        JsonElement checkup = CliRun.JsonOf("embed", "--check", _folder["parts"], "--json");
        Assert.Equal((5, 0), (checkup.GetProperty("done").GetInt32(), checkup.GetProperty("problems").GetArrayLength()));

        // A list in another order, from two folders.
        string list = _folder.Write("list.txt", string.Join('\n', Directory.EnumerateFiles(music, "*.wav", SearchOption.AllDirectories).OrderDescending()) + "\n\n");
        Run(["embed", "--list", list, .. settings, "--output", _folder["listed"]]);
        Same(expected, _folder["listed"]);
    }

    [SkippableFact]
    public void WhatIsThereIsNotComputedAgainAndWhatChangedIs()
    {
        using var golden = new EmbedCase("embed_tools");
        string music = Directory.CreateDirectory(_folder["music"]).FullName, results = _folder["out"];
        File.Copy(Write(golden, "full"), Path.Combine(music, "full.wav"));
        File.WriteAllText(Path.Combine(music, "broken.wav"), "RIFF, but no more");
        string[] command = ["embed", music, "--model", golden.Model.Path, "--layers", "4", "--short", "skip", "--output", results];
        CliRun first = CliRun.Of(command);
        Assert.Equal(1, first.ExitCode);
        Assert.Contains("Failed: ", first.Error, StringComparison.Ordinal);
        Assert.Contains("1 of 2 inputs failed", first.Error, StringComparison.Ordinal);
        Assert.Equal((1, 0, 1), Counts(first));

        CliRun again = CliRun.Of(command);
        Assert.Equal((0, 1, 1), Counts(again));

        File.Copy(Write(golden, "short"), Path.Combine(music, "broken.wav"), overwrite: true);
        CliRun mended = CliRun.Of(command);
        Assert.Equal((0, 0), (mended.ExitCode, Counts(mended).Failed));
        Assert.Contains("1 left out", mended.Output, StringComparison.Ordinal);

        File.Delete(Path.Combine(results, "full.npy"));
        Assert.Contains("full.npy: the file is missing", CliRun.Of("embed", "--check", results).Output, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), Counts(CliRun.Of(command)));

        byte[] bytes = File.ReadAllBytes(Path.Combine(results, "full.npy"));
        bytes[^3] ^= 4;
        File.WriteAllBytes(Path.Combine(results, "full.npy"), bytes);
        CliRun check = CliRun.Of("embed", "--check", results);
        Assert.Equal(1, check.ExitCode);
        Assert.Contains("it is not what was written", check.Output, StringComparison.Ordinal);

        CliRun other = CliRun.Of([.. command, "--pool", "max"]);
        Assert.Equal(1, other.ExitCode);
        Assert.Contains("was made with other settings or another model: choose another folder, or --force to replace it", other.Error, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0), Counts(Run([.. command, "--pool", "max", "--force"])));
        CliRun parts = CliRun.Of([.. command, "--pool", "max", "--shard", "1/2"]);
        Assert.Contains("its inputs are parted otherwise", parts.Error, StringComparison.Ordinal);
    }

    /// <summary>What a link leads to, what comes through a pipe, and a song that grew are other inputs under the same name.</summary>
    [SkippableFact]
    public void WhatIsReadUnderANameCountsAndNotTheName()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes with names are Unix's");
        using var golden = new EmbedCase("embed_tools");
        string link = _folder["link.wav"], full = Write(golden, "full"), other = Write(golden, "long");
        File.CreateSymbolicLink(link, full);
        string[] command = ["embed", link, "--model", golden.Model.Path, "--layers", "4", "--output", _folder["linked"]];
        Assert.Equal((1, 0, 0), Counts(Run(command)));
        Assert.Equal((0, 1, 0), Counts(Run(command)));
        byte[] first = File.ReadAllBytes(_folder["linked", "link.npy"]);
        File.Copy(other, full, overwrite: true);
        Assert.Equal((1, 0, 0), Counts(Run(command)));
        Assert.NotEqual(first, File.ReadAllBytes(_folder["linked", "link.npy"]));

        Run("encode", other, "--model", golden.Model.Path, "--output", _folder["song"]);
        string journal = Jukebox.Songs.Folder.SongFolder.JournalPath(_folder["song"], golden.Model.Description.VqVae.Levels - 1);
        command = ["embed", _folder["song"], "--model", golden.Model.Path, "--layers", "4", "--output", _folder["sung"]];
        Run(command);
        Assert.Equal((0, 1, 0), Counts(Run(command)));
        File.SetLastWriteTimeUtc(journal, File.GetLastWriteTimeUtc(journal).AddSeconds(1));
        Assert.Equal((1, 0, 0), Counts(Run(command)));
    }

    /// <summary>A line that a kill cut off is one that is not there; another that is none is an error.</summary>
    [SkippableFact]
    public void ALineThatWasCutOffCountsAsNone()
    {
        using var golden = new EmbedCase("embed_tools");
        string[] command = ["embed", Write(golden, "full"), Write(golden, "long"), "--model", golden.Model.Path, "--layers", "4", "--output", _folder["out"]];
        Run(command);
        SortedDictionary<string, byte[]> expected = Results(_folder["out"]);
        string manifest = EmbeddingManifest.PathOf(_folder["out"], 1, 1), text = File.ReadAllText(manifest);
        string[] lines = text.Split('\n');
        for (int cut = 1; cut < lines[1].Length; cut += 37)
        {
            File.WriteAllText(manifest, lines[0] + "\n" + lines[1][..cut]);
            Assert.Equal((1, 1, 0), Counts(Run(command)));
            Same(expected, _folder["out"]);
            Assert.Equal(2, EmbeddingManifest.Read(manifest).Count);
        }

        File.WriteAllText(manifest, text.Replace("\"windows\":", "\"windows\"=", StringComparison.Ordinal));
        CliRun damaged = CliRun.Of(command);
        Assert.Equal(1, damaged.ExitCode);
        Assert.Contains("line 1 is not what was written", damaged.Error, StringComparison.Ordinal);
    }

    /// <summary>The same numbers in every format, read by what is not ours: zip and safetensors by their rules, Parquet by Arrow.</summary>
    [SkippableFact]
    public void EveryFormatHoldsTheSameNumbers()
    {
        using var golden = new EmbedCase("embed_tools");
        string recording = Write(golden, "long");
        string[] command = ["embed", recording, "--model", golden.Model.Path, "--preset", "sheetsage", "--layers", "2,5"];
        foreach (string format in (string[])["npy", "npz", "safetensors", "parquet"])
        {
            Run([.. command, "--format", format, "--output", _folder[format]]);
        }

        float[][] layers = [NumpyFile.Read(_folder["npy", "long.2.npy"]).Floats(), NumpyFile.Read(_folder["npy", "long.5.npy"]).Floats()];
        double[] times = [.. Enumerable.Range(0, 390).Select(token => token * 128 / 44100.0)];
        using (ZipArchive archive = ZipFile.OpenRead(_folder["npz", "long.npz"]))
        {
            Assert.Equal(["layer_2.npy", "layer_5.npy", "times.npy"], archive.Entries.Select(entry => entry.FullName));
            Assert.Equal(layers[0], NumpyFile.Parse(BytesOf(archive.Entries[0])).Floats());
            Assert.Equal(layers[1], NumpyFile.Parse(BytesOf(archive.Entries[1])).Floats());
            CheckTimes(times, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(NumpyFile.Parse(BytesOf(archive.Entries[2])).Data).ToArray());
        }

        var tensors = new GoldenTensors(_folder["safetensors", "long.safetensors"]);
        Assert.Equal([390, 32], tensors.Shape("layer_5"));
        Assert.Equal(layers[0], tensors.Read<float>("layer_2"));
        Assert.Equal(layers[1], tensors.Read<float>("layer_5"));
        CheckTimes(times, tensors.Read<double>("times"));

        using var table = new ParquetFileReader(_folder["parquet", "long.parquet"]);
        Assert.Equal(780, table.FileMetaData.NumRows);
        for (int layer = 0; layer < 2; layer++)
        {
            using RowGroupReader group = table.RowGroup(layer);
            Assert.All(Column<string>(group, 0), name => Assert.Equal("long", name));
            Assert.All(Column<int>(group, 1), number => Assert.Equal(layer == 0 ? 2 : 5, number));
            CheckTimes(times, Column<double>(group, 2));
            Assert.Equal(layers[layer], Column<float[]>(group, 3).SelectMany(vector => vector));
        }

        Run([.. command, "--dtype", "f16", "--output", _folder["half"]]);
        NumpyFile half = NumpyFile.Read(_folder["half", "long.5.npy"]);
        Assert.Equal("<f2", half.Description);
        Assert.Equal(layers[1].Select(value => (Half)value), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, Half>(half.Data).ToArray());
    }

    [SkippableFact]
    public void CodesOfASongNeedNoAudio()
    {
        using var golden = new EmbedCase("embed_tools");
        string recording = Write(golden, "long");
        Run("encode", recording, "--model", golden.Model.Path, "--output", _folder["song"]);
        Run("embed", _folder["song"], "--model", golden.Model.Path, "--preset", "jukemirlib", "--layers", "4", "--hop", "0", "--codes", "--output", _folder["out"]);
        NumpyFile codes = NumpyFile.Read(_folder["out", "song.codes.npy"]), rows = NumpyFile.Read(_folder["out", "song.npy"]);
        Assert.Equal("<i4", codes.Description);
        Assert.Equal((codes.Shape[0], 32L), (rows.Shape[0], rows.Shape[1]));
        Assert.Equal(
            Jukebox.Songs.Folder.SongFolder.ReadCodes(_folder["song"], golden.Model.Description.VqVae.Levels - 1)[0],
            System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(codes.Data).ToArray());
    }

    /// <summary>One call of a program gives the numbers and times that the command writes.</summary>
    [SkippableFact]
    public void AProgramReadsTheSameFrames()
    {
        using var golden = new EmbedCase("embed_tools");
        string recording = Write(golden, "long");
        using var backend = TestBackends.OpenForModels();
        foreach ((string[] options, EmbeddingSettings settings) in ((string[], EmbeddingSettings)[])[
            (["--preset", "sheetsage", "--layers", "2,5"], EmbeddingPresets.Find("sheetsage") with { Layers = [2, 5] }),
            (["--preset", "jukemir", "--layers", "2,5", "--hop", "0", "--pool-over", "file"], EmbeddingPresets.Find("jukemir") with { Layers = [2, 5], HopSeconds = 0, PoolOver = EmbeddingScope.File })])
        {
            string folder = _folder[options[1]];
            Run(["embed", $"{recording}@0.1-1", "--model", golden.Model.Path, "--output", folder, "--format", "safetensors", .. options]);
            var tensors = new GoldenTensors(Path.Combine(folder, "long@0.1-1.safetensors"));
            EmbeddingFrame[] frames = [.. EmbeddingReader.Read(backend, golden.Model, new AudioRange(recording, 0.1, 1), settings)];
            foreach (int layer in settings.Layers)
            {
                Assert.Equal(tensors.Read<float>($"layer_{layer}"), frames.Where(frame => frame.Layer == layer).SelectMany(frame => frame.Vector));
                CheckTimes(tensors.Read<double>("times"), [.. frames.Where(frame => frame.Layer == layer).Select(frame => frame.Seconds)]);
            }
        }

        Assert.Contains("embed", Assert.Throws<RecordingException>(() => EmbeddingReader.Read(backend, golden.Model, new AudioRange(recording), EmbeddingPresets.Find("edge") with { Layers = [2] })).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void SentencesSayTheWayOut()
    {
        using var golden = new EmbedCase("embed_tools");
        string model = golden.Model.Path, full = Write(golden, "full"), results = _folder["out"];
        void Says(int code, string said, params string[] arguments)
        {
            CliRun run = CliRun.Of(["embed", .. arguments, "--model", model, "--output", results]);
            Assert.Equal(code, run.ExitCode);
            Assert.Contains(said, run.Error + run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("a fault of this program", run.Error, StringComparison.Ordinal);
        }

        Says(1, "the model folder has no labels", full, "--layers", "3", "--artist", "x");
        Says(1, "counts as unknown (id 0). Leave --artist out if that is meant.", full, "--layers", "3", "--artist", "x");
        Assert.False(Directory.Exists(results));
        WaveFile.Write(_folder["tiny.wav"], new float[96], 44100);
        Says(1, "tiny.wav holds 96 samples at 44.1 kHz; an embedding needs 128.", _folder["tiny.wav"], "--layers", "3", "--short", "keep");
        Assert.False(File.Exists(_folder["out", "tiny.npy"]));
        Says(1, "--layers 80: the prior of level 2", full, "--layers", "80");
        Says(1, "has 7 layers, counted from 1", full, "--layers", "80");
        Says(1, "presets are defined for 5b (width 4800, 72 layers). Layers 36 → 4 would be the same depth; give --layers.", full);
        Says(2, "'0-x' is no layer", full, "--layers", "0-x");
        Says(2, "There is nothing to embed", "--layers", "3");
        Says(1, "There is no file or folder", _folder["none.wav"], "--layers", "3");
        Says(1, "neither SLURM_ARRAY_TASK_ID, PBS_ARRAY_INDEX nor JOB_COMPLETION_INDEX is set", full, "--layers", "3", "--shard", "auto");
        Says(1, "give it as I/N with 1 ≤ I ≤ N", full, "--layers", "3", "--shard", "5/4");
        Says(1, "is longer than the window", full, "--layers", "3", "--hop", "9");
        Says(1, "--keep windows needs --hop", full, "--layers", "3", "--keep", "windows");
        File.Copy(full, _folder["full.flac"]);
        Says(1, "would both become full.npy; use --name full", full, _folder["full.flac"], "--layers", "3");
        CliRun silent = CliRun.Of("embed", Write(golden, "silence"), "--preset", "jukemirlib", "--layers", "3", "--model", model, "--output", _folder["silent"]);
        Assert.Contains("1 recording is silent (peak 0): the embedding is that of silence.", silent.Error, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void APlanCountsWhatIsThenWritten()
    {
        using var golden = new EmbedCase("embed_tools");
        string recording = Write(golden, "long"), folder = _folder["out"];
        foreach (string[] settings in (string[][])[
            ["--preset", "jukemir"], ["--preset", "jukemirlib"], ["--preset", "sheetsage"], ["--preset", "llark"], ["--preset", "edge", "--slice", "0.3", "--slice-hop", "0.1"],
            ["--preset", "jukemirlib", "--hop", "0.15", "--fps", "25", "--resample", "linear"], ["--preset", "jukemirlib", "--hop", "0.15", "--pool", "max"],
            ["--preset", "jukemirlib", "--hop", "0.15", "--keep", "windows", "--fps", "25", "--format", "npz"], ["--preset", "jukemirlib", "--hop", "0.15", "--pool", "mean", "--pool-over", "file"]])
        {
            string[] command = ["embed", recording, "--model", golden.Model.Path, "--layers", "3,4", .. settings];
            JsonElement plan = CliRun.JsonOf([.. command, "--plan", "--no-time", "--json"]);
            JsonElement report = CliRun.JsonOf([.. command, "--output", folder, "--json"]);
            Assert.Equal(report.GetProperty("windows").GetInt64(), plan.GetProperty("windows").GetInt64());
            long numbers = EmbeddingManifest.Read(report.GetProperty("manifest").GetString()!).Values.Single().Outputs
                .Sum(output => output.Shape.Aggregate(1L, (product, extent) => product * extent) * (output.Layers.Length));
            Assert.Equal(numbers * sizeof(float), plan.GetProperty("output_bytes").GetInt64());
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Done, int There, int Failed) Counts(CliRun run)
    {
        string[] words = run.Output.Split(' ', '\n');
        int Before(string word) => int.Parse(words[Array.IndexOf(words, word) - 1], System.Globalization.CultureInfo.InvariantCulture);
        return (Before("computed,"), Before("there"), Before("failed;"));
    }

    private static T[] Column<T>(RowGroupReader group, int column) => group.Column(column).LogicalReader<T>().ReadAll(checked((int)group.MetaData.NumRows));

    private static void CheckTimes(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 9));
    }

    private static byte[] BytesOf(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>What is there but for manifests, which tell times.</summary>
    private static SortedDictionary<string, byte[]> Results(string folder)
    {
        SortedDictionary<string, byte[]> files = TemporaryFolder.Files(folder);
        foreach (string manifest in files.Keys.Where(name => name.EndsWith(".jsonl", StringComparison.Ordinal)).ToArray())
        {
            files.Remove(manifest);
        }

        return files;
    }

    private static void Same(SortedDictionary<string, byte[]> expected, string folder)
    {
        SortedDictionary<string, byte[]> actual = Results(folder);
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, file => Assert.Equal(file.Value, actual[file.Key]));
    }

    private static string Stretch(JsonElement output)
    {
        double start = output.TryGetProperty("offset_seconds", out JsonElement offset) ? offset.GetDouble() : 0;
        return start == 0 ? "" : FormattableString.Invariant($"@{start}-{start + output.GetProperty("duration_seconds").GetDouble()}");
    }

    private static CliRun Run(params string[] arguments)
    {
        CliRun run = CliRun.Of(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }

    /// <summary>A recording of the case as a file of floats, which loses nothing.</summary>
    private string Write(EmbedCase golden, string clip)
    {
        byte[] samples = System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(golden.Values($"audio.{clip}")).ToArray();
        return _folder.Write($"{clip}.wav", WaveBytes.File(WaveBytes.Chunk("fmt ", WaveBytes.Format(3, 1, 44100, 32)), WaveBytes.Chunk("data", samples)));
    }
}
