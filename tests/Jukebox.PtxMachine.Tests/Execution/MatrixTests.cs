using Xunit;

namespace Jukebox.PtxMachine.Tests.Execution;

public class MatrixTests
{
    private const int Rows = 16, Columns = 8;

    public static TheoryData<string, MachineMode> HalfKernels()
    {
        var data = new TheoryData<string, MachineMode>();
        foreach (MachineMode mode in Enum.GetValues<MachineMode>())
        {
            data.Add("multiply_f16", mode);
            data.Add("multiply_bf16", mode);
        }

        return data;
    }

    /// <summary>Bit for bit: fused multiply-adds in order of k.</summary>
    [Theory]
    [MemberData(nameof(HalfKernels))]
    public void HalfProductsAreSummedInOrder(string kernel, MachineMode mode)
    {
        const int Depth = 16;
        bool isBrain = kernel == "multiply_bf16";
        var random = new Random(11);
        ushort[] a = Halves(Rows * Depth, random, isBrain), b = Halves(Depth * Columns, random, isBrain);
        float[] c = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextSingle() - 0.5f)];
        using var device = new TestDevice(KernelFiles.Read("matrix", 80), mode);
        ulong d = device.Allocate<float>(Rows * Columns);
        LaunchReport report = device.Launch(kernel, new Dim3(1), new Dim3(32), 0, device.Upload(a), device.Upload(b), device.Upload(c), d);
        float[] expected = new float[Rows * Columns];
        for (int element = 0; element < expected.Length; element++)
        {
            float sum = c[element];
            for (int k = 0; k < Depth; k++)
            {
                sum = MathF.FusedMultiplyAdd(Value(a[(element / Columns * Depth) + k], isBrain), Value(b[(k * Columns) + (element % Columns)], isBrain), sum);
            }

            expected[element] = sum;
        }

        Assert.Equal(expected, device.Download<float>(d, expected.Length));
        Assert.Empty(report.Findings);
        if (report.Counts is LaunchCounts counts)
        {
            Assert.Equal(2 * Rows * Columns * Depth, counts.MatrixFlops);
            Assert.Equal((2L, 6L), (counts.SharedLoads.Requests, counts.SharedLoads.IdealWavefronts));
        }
    }

    [Theory]
    [InlineData(MachineMode.Fast)]
    [InlineData(MachineMode.Check)]
    public void ByteProductsAreExact(MachineMode mode)
    {
        const int Depth = 32;
        var random = new Random(12);
        sbyte[] a = [.. Enumerable.Range(0, Rows * Depth).Select(_ => (sbyte)random.Next(-128, 128))], b = [.. Enumerable.Range(0, Depth * Columns).Select(_ => (sbyte)random.Next(-128, 128))];
        int[] c = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.Next(-1000000, 1000000))];
        using var device = new TestDevice(KernelFiles.Read("matrix", 80), mode);
        ulong d = device.Allocate<int>(Rows * Columns);
        LaunchReport report = device.Launch("multiply_s8", new Dim3(1), new Dim3(32), 0, device.Upload(a), device.Upload(b), device.Upload(c), d);
        int[] expected = [.. Enumerable.Range(0, Rows * Columns).Select(element => c[element] + Enumerable.Range(0, Depth).Sum(k => a[(element / Columns * Depth) + k] * b[(k * Columns) + (element % Columns)]))];
        Assert.Equal(expected, device.Download<int>(d, expected.Length));
        Assert.Empty(report.Findings);
    }

    [Theory]
    [InlineData("store_matrices", false, MachineMode.Fast)]
    [InlineData("store_matrices", false, MachineMode.Check)]
    [InlineData("store_matrices_transposed", true, MachineMode.Fast)]
    [InlineData("store_matrices_transposed", true, MachineMode.Count)]
    public void FragmentsAreStoredAsMatrices(string kernel, bool isTransposed, MachineMode mode)
    {
        const int Count = 256;
        ushort[] fragments = Fragments(Count);
        using var device = new TestDevice(KernelFiles.Read("halves", 90), mode);
        ulong y = device.Allocate<ushort>(Count);
        LaunchReport report = device.Launch(kernel, new Dim3(1), new Dim3(32), 0, device.Upload(fragments), y);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => fragments[Held(i, isTransposed)]), device.Download<ushort>(y, Count));
        Assert.Empty(report.Findings);
        Assert.Equal(mode == MachineMode.Count ? 1 + 4 : 0, report.Counts is LaunchCounts counts ? counts.SharedStores.Requests + counts.SharedLoads.Requests : 0);
    }

    [Theory]
    [InlineData(MachineMode.Fast)]
    [InlineData(MachineMode.Check)]
    public void FewerMatricesTakeFewerAddresses(MachineMode mode)
    {
        const int Count = 192;
        ushort[] fragments = Fragments(Count);
        using var device = new TestDevice(KernelFiles.Read("halves", 90), mode);
        ulong y = device.Allocate<ushort>(Count);
        LaunchReport report = device.Launch("store_fewer_matrices", new Dim3(1), new Dim3(32), 0, device.Upload(fragments), y);
        Assert.Equal(Enumerable.Range(0, Count).Select(i => fragments[Held(i, isTransposed: i >= 64)]), device.Download<ushort>(y, Count));
        Assert.Empty(report.Findings);
    }

    [Theory]
    [InlineData(16, 4)]
    [InlineData(8, 2)]
    [InlineData(0, 0)]
    public void WhatAnAsynchronousCopyDoesNotReadIsZero(int readBytes, int kept)
    {
        float[] x = [.. Enumerable.Range(1, 128).Select(i => (float)i)];
        using var device = new TestDevice(KernelFiles.Read("matrix", 80));
        ulong y = device.Allocate<float>(128);
        device.Launch("copy_part", new Dim3(1), new Dim3(32), 0, device.Upload(x), y, readBytes);
        Assert.Equal(x.Select((value, i) => i % 4 < kept ? value : 0), device.Download<float>(y, 128));
    }

    private static ushort[] Fragments(int count)
    {
        var random = new Random(13);
        return [.. Enumerable.Range(0, count).Select(_ => (ushort)random.Next(1 << 16))];
    }

    /// <summary>
    /// Where lanes hold an element of matrices of 64 elements: in register m of all lanes matrix m, and there in lane l the elements 2·(l mod 4)
    /// and the next of row l/4 (column l/4, where they are transposed).
    /// </summary>
    private static int Held(int element, bool isTransposed)
    {
        int matrix = element / 64, row = element / 8 % 8, column = element % 8;
        (row, column) = isTransposed ? (column, row) : (row, column);
        int lane = (4 * row) + (column / 2);
        return (64 * matrix) + (2 * lane) + (column % 2);
    }

    private static ushort[] Halves(int count, Random random, bool isBrain) =>
        [.. Enumerable.Range(0, count).Select(_ => isBrain ? (ushort)(BitConverter.SingleToUInt32Bits(random.NextSingle() - 0.5f) >> 16) : BitConverter.HalfToUInt16Bits((Half)(random.NextSingle() - 0.5f)))];

    private static float Value(ushort bits, bool isBrain) =>
        isBrain ? BitConverter.UInt32BitsToSingle((uint)bits << 16) : (float)BitConverter.UInt16BitsToHalf(bits);
}
