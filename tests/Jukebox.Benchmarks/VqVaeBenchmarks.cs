using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Benchmarks;

/// <summary>Encoding and decoding at published shapes with random weights, six seconds of audio at a time.</summary>
internal static class VqVaeBenchmarks
{
    private const int LengthSamples = 1 << 18;

    public static void Run(Bench bench)
    {
        VqVaeSpec spec = PublishedModels.VqVae;
        string folder = Directory.CreateTempSubdirectory("jukebox-bench-").FullName;
        try
        {
            string path = Path.Combine(folder, ModelDescription.VqVaeFileName);
            RandomModel.WriteFile(path, TensorTable.Of(spec), 1, 0, ElementType.F32);
            using WeightFile file = WeightFile.Open(path);
            using var vqvae = VqVae.Load(bench.Backend, file, spec);
            for (int level = 0; level < spec.Levels; level++)
            {
                Report(bench, vqvae, level);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Report(Bench bench, VqVae vqvae, int level)
    {
        var random = new Random(level);
        var audio = new float[LengthSamples];
        var codes = new int[LengthSamples / vqvae.Spec.SamplesPerToken(level)];
        for (int i = 0; i < audio.Length; i++)
        {
            audio[i] = random.NextSingle() - 0.5f;
        }

        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = random.Next(vqvae.Spec.CodebookSize);
        }

        string target = level == 1 ? "" : "40 % of peak";
        double seconds = Bench.Median(5, () => vqvae.Encode(level, audio));
        bench.Report($"VQ-VAE encode, level {level}", seconds, audio.Length * sizeof(float), vqvae.EncodeOperations(level, audio.Length), target);
        seconds = Bench.Median(5, () => vqvae.Decode(level, codes));
        bench.Report($"VQ-VAE decode, level {level}", seconds, audio.Length * sizeof(float), vqvae.DecodeOperations(level, codes.Length), target);
    }
}
