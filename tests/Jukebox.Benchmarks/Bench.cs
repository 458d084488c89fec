using System.Diagnostics;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.Benchmarks;

/// <summary>Times work and prints it as a share of what the machine can do, measured in the same run.</summary>
internal sealed class Bench
{
    public Bench(CpuBackend backend, MachineLimits limits)
    {
        Backend = backend;
        Limits = limits;
        Console.WriteLine($"{backend.Name}: reads {limits.ReadBytesPerSecond / 1e9:F1} GB/s, multiply-adds {limits.FlopsPerSecond / 1e9:F0} GFLOP/s");
        Console.WriteLine($"{"work",-52}{"median ms",11}{"GB/s",8}{"of read",9}{"GFLOP/s",9}{"of peak",9}  must reach");
    }

    public CpuBackend Backend { get; }

    public MachineLimits Limits { get; }

    /// <summary>Median seconds of <paramref name="repeats"/> runs after two to warm up.</summary>
    public static double Median(int repeats, Action work)
    {
        work();
        work();
        var seconds = new double[repeats];
        for (int i = 0; i < repeats; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(seconds);
        return seconds[repeats / 2];
    }

    /// <summary>Prints one row of the table.</summary>
    /// <param name="work">What was done.</param>
    /// <param name="seconds">Median time.</param>
    /// <param name="bytes">Bytes that had to be read: weights and visible cache.</param>
    /// <param name="flops">Operations, two for a multiply-add.</param>
    /// <param name="target">What it must reach.</param>
    public void Report(string work, double seconds, double bytes, double flops, string target)
    {
        double read = bytes / seconds, rate = flops / seconds;
        Console.WriteLine(
            $"{work,-52}{seconds * 1e3,11:F2}{read / 1e9,8:F1}{read / Limits.ReadBytesPerSecond,9:P0}"
            + $"{rate / 1e9,9:F0}{rate / Limits.FlopsPerSecond,9:P0}  {target}");
    }

    /// <summary>A tensor of small random values; fast, because there are billions of them.</summary>
    public Tensor Random(ElementType type, params ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        var tensor = new Tensor(Backend.Allocate(shape.LengthElements * type.LengthBytes()), type, shape);
        Fill(tensor);
        return tensor;
    }

    /// <summary>Fills with values of magnitude 2⁻⁶ to 2⁻⁵ and either sign.</summary>
    public static void Fill(Tensor tensor)
    {
        var piece = new byte[1 << 20];
        ulong state = (ulong)tensor.LengthElements;
        for (long at = 0; at < tensor.LengthBytes; at += piece.Length)
        {
            int count = (int)Math.Min(piece.Length, tensor.LengthBytes - at);
            for (int i = 0; i < count; i += 2)
            {
                // The upper half of a single, or a bfloat16: sign and mantissa random, exponent fixed.
                state = (state * 6364136223846793005) + 1442695040888963407;
                bool upper = tensor.Type != ElementType.F32 || i % 4 == 2;
                ushort value = upper ? (ushort)(((state >> 33) & 0x807F) | 0x3C80) : (ushort)(state >> 33);
                piece[i] = (byte)value;
                piece[i + 1] = (byte)(value >> 8);
            }

            tensor.Buffer.Upload(piece.AsSpan(0, count), tensor.OffsetBytes + at);
        }
    }

    /// <summary>Ends the run if a result is wrong: a fast wrong answer is not a benchmark.</summary>
    public static void Verify(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"the result is wrong, nothing was timed: {what}");
        }
    }
}
