using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Converted checkpoints of the original implementation against its own encodings and decodings.</summary>
public sealed class VqVaeGoldenTests
{
    public static TheoryData<string> Cases => GoldenDirectory.Cases("vqvae_");

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void EncoderOutputsMatch(string caseName) => ForEachItem(caseName, (vqvae, io, level, item) =>
    {
        float[] expected = TimeMajor(io, $"enc_{level}", item);
        Closeness.Check($"enc_{level}, item {item}", expected, vqvae.EncoderOutput(level, Row(io, "x", item)), Tolerances.GoldenActivations);
    });

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void CodesMatchExactly(string caseName) => ForEachItem(caseName, (vqvae, io, level, item) =>
    {
        int[] codes = vqvae.Encode(level, Row(io, "x", item));
        long[] expected = io[$"z_{level}"].Read<long>();
        float[] margins = Row(io, $"margin_{level}", item);
        for (int t = 0; t < codes.Length; t++)
        {
            // Where the two best codes are equally far to the last bits, either is right.
            bool decided = margins[t] > Tolerances.Distance(vqvae.Spec.EmbeddingWidth);
            Assert.True(
                codes[t] == expected[(item * codes.Length) + t] || !decided,
                $"level {level}, item {item}, token {t}: {codes[t]}, not {expected[(item * codes.Length) + t]}; margin {margins[t]}");
        }
    });

    [SkippableTheory]
    [MemberData(nameof(Cases))]
    public void DecodedAudioMatches(string caseName) => ForEachItem(caseName, (vqvae, io, level, item) =>
    {
        StoredTensor stored = io[$"z_{level}"];
        int[] codes = Array.ConvertAll(stored.Read<long>()[(item * stored.Shape[1])..((item + 1) * stored.Shape[1])], code => (int)code);
        Closeness.Check($"dec_{level}, item {item}", Row(io, $"dec_{level}", item), vqvae.Decode(level, codes), Tolerances.GoldenActivations);
    });

    private static void ForEachItem(string caseName, Action<VqVae, WeightFile, int, int> check)
    {
        using WeightFile io = WeightFile.Open(GoldenDirectory.Require(caseName, "io.safetensors"));
        string folder = GoldenModels.Folder(caseName);
        VqVaeSpec spec = ModelDescription.Read(folder).VqVae;
        using WeightFile file = WeightFile.Open(Path.Combine(folder, ModelDescription.VqVaeFileName));
        using IBackend backend = TestBackends.OpenForModels();
        using var vqvae = VqVae.Load(backend, file, spec);
        for (int level = 0; level < spec.Levels; level++)
        {
            for (int item = 0; item < io["x"].Shape[0]; item++)
            {
                check(vqvae, io, level, item);
            }
        }
    }

    private static float[] Row(WeightFile io, string name, int item)
    {
        float[] all = io[name].ReadSingles();
        int length = all.Length / io[name].Shape[0];
        return all[(item * length)..((item + 1) * length)];
    }

    /// <summary>An item of a tensor stored (N, C, T), as (T, C).</summary>
    private static float[] TimeMajor(WeightFile io, string name, int item)
    {
        float[] row = Row(io, name, item);
        int channels = io[name].Shape[1], length = io[name].Shape[2];
        var result = new float[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            result[(i % length * channels) + (i / length)] = row[i];
        }

        return result;
    }
}
