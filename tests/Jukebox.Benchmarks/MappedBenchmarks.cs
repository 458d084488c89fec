using System.Text;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;

namespace Jukebox.Benchmarks;

/// <summary>Weights read from a mapped file against the same weights in anonymous memory.</summary>
internal static class MappedBenchmarks
{
    private const int MatrixCount = 64;
    private const int Width = 1920;

    public static void Run(Bench bench)
    {
        Tensor x = bench.Random(ElementType.F32, 1, Width), y = bench.Random(ElementType.F32, 1, Width);
        Tensor[] copied = [.. Enumerable.Range(0, MatrixCount).Select(_ => bench.Random(ElementType.F32, Width, Width))];
        Report(bench, "one row, weights in anonymous memory", copied, x, y);
        foreach (int alignmentBytes in (int[])[64, 8])
        {
            RunMapped(bench, copied, alignmentBytes, x, y);
        }

        foreach (Tensor tensor in (Tensor[])[.. copied, x, y])
        {
            tensor.Buffer.Dispose();
        }
    }

    private static void RunMapped(Bench bench, Tensor[] source, int alignmentBytes, Tensor x, Tensor y)
    {
        string path = Path.GetTempFileName();
        try
        {
            Write(path, source, alignmentBytes);
            using WeightFile file = WeightFile.Open(path);
            Tensor[] mapped = [.. Enumerable.Range(0, MatrixCount).Select(i => bench.Backend.Load(file[Name(i)]))];
            Report(bench, $"one row, weights mapped from a file, aligned to {alignmentBytes}", mapped, x, y);
            foreach (Tensor tensor in mapped)
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
        PackedMatrix[] matrices = [.. weights.Select(weight => bench.Backend.Pack(new LinearWeights(weight, null)))]; // read where they are
        double seconds = Bench.Median(7, () =>
        {
            foreach (PackedMatrix matrix in matrices)
            {
                bench.Backend.Linear(x, matrix, Activation.None, null, y);
            }
        });
        double bytes = weights.Sum(weight => (double)weight.LengthBytes);
        bench.Report(work, seconds, bytes, bytes / 2, "");
    }

    private static string Name(int index) => $"w{index}";

    /// <summary>Writes the matrices with the first one at an odd multiple of the alignment.</summary>
    private static void Write(string path, Tensor[] matrices, int alignmentBytes)
    {
        long matrixBytes = matrices[0].LengthBytes;
        string header = "{" + string.Join(",", Enumerable.Range(0, matrices.Length).Select(i =>
            $"\"{Name(i)}\":{{\"dtype\":\"F32\",\"shape\":[{Width},{Width}],\"data_offsets\":[{i * matrixBytes},{(i + 1) * matrixBytes}]}}")) + "}";
        int dataStart = ((header.Length + 8 + 127) / 128 * 128) + alignmentBytes;
        using var stream = new BinaryWriter(File.Create(path));
        stream.Write((long)dataStart - 8);
        stream.Write(Encoding.UTF8.GetBytes(header.PadRight(dataStart - 8)));
        var bytes = new byte[matrixBytes];
        foreach (Tensor matrix in matrices)
        {
            matrix.Buffer.Download(bytes, matrix.OffsetBytes);
            stream.Write(bytes);
        }
    }
}
