using System.Text;
using Jukebox.Core;

namespace Jukebox.Benchmarks;

/// <summary>Weights read from a mapped file against the same weights in anonymous memory.</summary>
internal static class MappedBenchmarks
{
    private const int MatrixCount = 64;
    private const int Width = 1920;

    public static void Run(Bench bench)
    {
        string path = Path.GetTempFileName();
        try
        {
            Write(path);
            using WeightFile file = WeightFile.Open(path);
            Tensor x = bench.Random(ElementType.F32, 1, Width), y = bench.Random(ElementType.F32, 1, Width);
            Tensor[] mapped = [.. Enumerable.Range(0, MatrixCount).Select(i => bench.Backend.Load(file[Name(i)]))];
            Report(bench, "one row through weights mapped from a file", mapped, x, y);
            Tensor[] copied = Array.ConvertAll(mapped, tensor => bench.Random(tensor.Type, Width, Width));
            Report(bench, "one row through weights in anonymous memory", copied, x, y);
            foreach (Tensor tensor in (Tensor[])[.. mapped, .. copied, x, y])
            {
                tensor.Buffer.Dispose();
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Report(Bench bench, string work, Tensor[] weights, Tensor x, Tensor y)
    {
        double seconds = Bench.Median(7, () =>
        {
            foreach (Tensor weight in weights)
            {
                bench.Backend.Linear(x, new LinearWeights(weight, null), Activation.None, null, y);
            }
        });
        double bytes = weights.Sum(weight => (double)weight.LengthBytes);
        bench.Report(work, seconds, bytes, bytes / 2, "");
    }

    private static string Name(int index) => $"w{index}";

    private static void Write(string path)
    {
        long matrixBytes = (long)Width * Width * sizeof(float);
        string header = "{" + string.Join(",", Enumerable.Range(0, MatrixCount).Select(i =>
            $"\"{Name(i)}\":{{\"dtype\":\"F32\",\"shape\":[{Width},{Width}],\"data_offsets\":[{i * matrixBytes},{(i + 1) * matrixBytes}]}}")) + "}";
        header = header.PadRight((header.Length + 15) / 8 * 8);
        using var stream = new BinaryWriter(File.Create(path));
        stream.Write((long)header.Length);
        stream.Write(Encoding.UTF8.GetBytes(header));
        var matrix = new byte[matrixBytes];
        for (int i = 0; i < MatrixCount; i++)
        {
            stream.Write(matrix);
        }
    }
}
