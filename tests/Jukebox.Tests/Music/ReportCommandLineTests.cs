using System.Text.Json;
using Jukebox.Audio.Reading;
using Jukebox.Audio.Writing;
using Jukebox.MusicReport;
using Xunit;

namespace Jukebox.Tests.Music;

/// <summary>The whole program on two made-up instruments.</summary>
public sealed class ReportCommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ReportCommandLineTests()
    {
        var table = new List<string> { "file\tgenre\tsplit" };
        for (int i = 0; i < 8; i++)
        {
            foreach (string instrument in (string[])["plucked", "blown"])
            {
                Write(["reference", $"{instrument}{i}.wav"], Tones.Melody((ulong)(i + (instrument == "blown" ? 100 : 0)), 6, instrument == "plucked"));
                table.Add($"midi/{instrument}{i}.mid\t{instrument}\t{(i < 5 ? "train" : "valid")}");
            }
        }

        _folder.Write("manifest.tsv", string.Join('\n', table));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void MusicKeepsEveryLimit()
    {
        WriteSamples("good", (i, plucked) => Tones.Melody((ulong)(200 + i), 3, plucked));
        Write(["good", "plucked", "0", "level_2", "item_0.wav"], new float[66150]); // a coarser level is not listened to
        (int code, JsonElement report, _) = Json("good", "--require");
        Assert.Equal(0, code);
        JsonElement samples = report.GetProperty("samples")[0];
        Assert.Equal(12, samples.GetProperty("heard").GetArrayLength());
        Assert.All(samples.GetProperty("figures").EnumerateArray(), figure => Assert.True(figure.GetProperty("met").GetBoolean(), figure.ToString()));
        Assert.Equal(1, report.GetProperty("reference").GetProperty("figures")[0].GetProperty("value").GetDouble());
    }

    /// <summary>Vectors that say which instrument plays are found to, vectors of chance are not; of several rows the mean counts.</summary>
    [Fact]
    public void VectorsAreProbedBesideTimbre()
    {
        var random = new TestRandom(6);
        for (int i = 0; i < 8; i++)
        {
            foreach (string instrument in (string[])["plucked", "blown"])
            {
                float[] noise = random.Floats(12, 1f), told = [.. random.Floats(12, 1f)];
                (told[2], told[8]) = instrument == "blown" ? (9, 5) : (-5, -9); // two rows of six
                WriteVector($"{instrument}{i}.3.npy", "6,", noise[..6]);
                WriteVector($"{instrument}{i}.12.npy", "2, 6", told);
            }
        }

        string[] command = [.. Reference, "--json", "--vectors", _folder["vectors"]];
        (int code, string output, string error) = Run(command);
        Assert.True(code == 0, error);
        using var document = JsonDocument.Parse(output);
        JsonElement report = document.RootElement;
        JsonElement[] probes = [.. report.GetProperty("probes").EnumerateArray()];
        Assert.Equal(["timbre", "layer 3", "layer 12"], probes.Select(probe => probe.GetProperty("features").GetString()));
        Assert.All(probes, probe => Assert.Equal(("instrument", 6, 2, 0.5), (
            probe.GetProperty("label").GetString(), probe.GetProperty("pieces").GetInt32(), probe.GetProperty("classes").GetInt32(), probe.GetProperty("chance").GetDouble())));
        Assert.Equal((1, 1), (probes[2].GetProperty("linear").GetDouble(), probes[2].GetProperty("nearest").GetDouble()));
        Assert.InRange(probes[1].GetProperty("linear").GetDouble(), 0, 0.9);

        File.WriteAllText(_folder["vectors", "blown7.3.npy"], "no array");
        (code, _, error) = Run(command);
        Assert.Equal(1, code);
        Assert.Contains("it is no array of float32", error, StringComparison.Ordinal);
    }

    private void WriteVector(string name, string shape, float[] values)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({shape}), }}".PadRight(117) + "\n";
        _folder.Write(Path.Combine("vectors", name), [0x93, .. "NUMPY"u8, 1, 0, 118, 0, .. System.Text.Encoding.ASCII.GetBytes(header), .. System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values)]);
    }

    [Theory]
    [InlineData("noise", "instrument heard is the one asked for", "distance to held-out music over that of training music", "tonal energy within 20 cents over that of held-out music")]
    [InlineData("drone", "distance to held-out music over that of training music", "samples with drone")]
    [InlineData("silence", "distance to held-out music over that of training music", "tonal energy within 20 cents over that of held-out music", "samples with silence")]
    [InlineData("detuned", "tonal energy within 20 cents over that of held-out music")]
    [InlineData("swapped", "instrument heard is the one asked for")]
    public void WhatIsNoMusicMissesTheLimitsThatItShould(string kind, params string[] missed)
    {
        WriteSamples(kind, (i, plucked) => kind switch
        {
            "noise" => Tones.Noise((ulong)i, 3, 0.3f),
            "drone" => Tones.Sine(Tones.Hertz(57), 3),
            "silence" => new float[3 * Tones.RateHz],
            "detuned" => Tones.Melody((ulong)(200 + i), 3, plucked, 50),
            _ => Tones.Melody((ulong)(200 + i), 3, !plucked),
        });
        (int code, JsonElement report, _) = Json(kind, "--require");
        Assert.Equal(1, code);
        IEnumerable<string?> actual = report.GetProperty("samples")[0].GetProperty("figures").EnumerateArray()
            .Where(figure => !figure.GetProperty("met").GetBoolean()).Select(figure => figure.GetProperty("name").GetString());
        Assert.All(missed, name => Assert.Contains(name, actual));
    }

    [Fact]
    public void LabelsOfATableGoBeforeThoseOfFoldersAndThreadsChangeNothing()
    {
        WriteSamples("good", (i, plucked) => Tones.Melody((ulong)(200 + i), 3, plucked));
        _folder.Write("labels.tsv", "file\tgenre\nplucked/1/level_0/item_0.wav\tblown\n");
        (_, JsonElement report, string text) = Json("good", "--labels", _folder["labels.tsv"], "--threads", "1");
        Assert.Equal(text, Json("good", "--labels", _folder["labels.tsv"], "--threads", "3").Text);
        JsonElement swapped = Assert.Single(
            report.GetProperty("samples")[0].GetProperty("heard").EnumerateArray(), sample => sample.GetProperty("asked").GetString() != sample.GetProperty("heard").GetString());
        Assert.Equal("plucked/1/level_0/item_0.wav", swapped.GetProperty("sample").GetString());
    }

    [Fact]
    public void WhatAModelGivesBackIsLearntFromAndTriedToo()
    {
        foreach (string piece in (string[])["plucked0", "blown0", "plucked6", "blown7"])
        {
            float[] audio = AudioFile.Load(new AudioRange(_folder["reference", piece + ".wav"]), Tones.RateHz);
            Write(["decoded", piece + ".wav"], [.. audio.Zip(Tones.Noise(1, 6, 0.02f), (sample, noise) => sample + noise)]);
        }

        (int code, string text, string error) = Run([.. Reference, "--decoded", _folder["decoded"], "--json"]);
        Assert.True(code == 0, error);
        JsonElement accuracy = JsonDocument.Parse(text).RootElement.GetProperty("reference").GetProperty("decoded_accuracy");
        Assert.Equal(1, accuracy.GetProperty(_folder["decoded"]).GetDouble());
    }

    [Fact]
    public void TheTextNamesOffenders()
    {
        WriteSamples("drones", (_, _) => Tones.Sine(220, 3));
        (int code, string text, _) = Run([_folder["drones"], .. Reference]);
        Assert.Equal(0, code);
        Assert.Contains("drone: blown/0/level_0/item_0.wav (1)", text, StringComparison.Ordinal);
        Assert.Contains("MISSED", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "There is no folder", "missing")]
    [InlineData(1, "has none of the audio", "--reference", "empty")]
    [InlineData(1, "names no column 'split'", "--manifest", "columns.tsv")]
    [InlineData(1, "asks for 'sung'", "samples", "--labels", "sung.tsv")]
    [InlineData(1, "has none of the reference's pieces", "--decoded", "empty")]
    [InlineData(2, "--seconds 0: it must lie in 1 to 600.", "--seconds", "0")]
    [InlineData(2, "--seconds 3,5: a number with a point is expected, as 3.5, from 1 to 600.", "--seconds", "3,5")]
    [InlineData(2, "--seconds NaN: a number is expected, from 1 to 600.", "--seconds", "NaN")]
    [InlineData(2, "--threads 1.5: a whole number is expected, from 1 to 1024.", "--threads", "1.5")]
    [InlineData(2, "--threads 0: it must lie in 1 to 1024.", "--threads", "0")]
    public void MistakesAreNamed(int exitCode, string message, params string[] args)
    {
        Directory.CreateDirectory(_folder["empty"]);
        _folder.Write("columns.tsv", "file\tgenre\n");
        _folder.Write("sung.tsv", "file\tgenre\na.wav\tsung\n");
        Write(["samples", "a.wav"], Tones.Sine(440));
        string[] paths = ["missing", "empty", "samples", "columns.tsv", "sung.tsv"];
        List<string> line = [.. args.Select(arg => paths.Contains(arg) ? _folder[arg] : arg)];
        line.AddRange(Reference.Chunk(2).Where(option => !line.Contains(option[0])).SelectMany(option => option));
        (int code, _, string error) = Run([.. line]);
        Assert.Equal(exitCode, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpHasAnExample() => Assert.Contains("jukebox-music-report samples --reference audio", Run(["--help"]).Output, StringComparison.Ordinal);

    private string[] Reference => ["--reference", _folder["reference"], "--manifest", _folder["manifest.tsv"], "--seconds", "3"];

    private static (int Code, string Output, string Error) Run(string[] args)
    {
        using StringWriter output = new(), error = new();
        int code = new ReportCommandLine(output, error, isLive: false).Run(args);
        return (code, output.ToString(), error.ToString());
    }

    private (int Code, JsonElement Report, string Text) Json(string samples, params string[] more)
    {
        (int code, string output, string error) = Run([_folder[samples], .. Reference, "--json", .. more]);
        Assert.True(output.Length > 0, error);
        return (code, JsonDocument.Parse(output).RootElement.Clone(), output);
    }

    private void WriteSamples(string folder, Func<int, bool, float[]> sound)
    {
        for (int i = 0; i < 6; i++)
        {
            Write([folder, "plucked", $"{i}", "level_0", "item_0.wav"], sound(i, true));
            Write([folder, "blown", $"{i}", "level_0", "item_0.wav"], sound(i + 10, false));
        }
    }

    private void Write(string[] parts, float[] audio)
    {
        string path = _folder[parts];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        WaveFile.Write(path, audio, Tones.RateHz);
    }
}
