using Jukebox.PtxMachine.Tests.Instructions;
using Xunit;

namespace Jukebox.PtxMachine.Tests.Execution;

/// <summary>Atomic sums of 16-bit numbers, one by one and in pairs, against exact sums rounded once.</summary>
public class HalfAtomicTests
{
    private const int Threads = 128;

    public static TheoryData<string, MachineMode> Kernels()
    {
        var data = new TheoryData<string, MachineMode>();
        foreach (string kernel in (string[])["add_f16", "add_bf16", "add_f16x2", "add_bf16x2"])
        {
            foreach (MachineMode mode in Enum.GetValues<MachineMode>())
            {
                data.Add(kernel, mode);
            }
        }

        return data;
    }

    private static FloatFormat Format(string kernel) => kernel.Contains("bf16", StringComparison.Ordinal) ? FloatFormat.BF16 : FloatFormat.F16;

    private static int Parts(string kernel) => kernel.EndsWith("x2", StringComparison.Ordinal) ? 2 : 1;

    [Theory]
    [MemberData(nameof(Kernels))]
    public void EachSumIsRoundedOnceAndTheOldValueIsTold(string kernel, MachineMode mode)
    {
        FloatFormat format = Format(kernel);
        int count = Threads * Parts(kernel);
        var random = new Random(21);
        ushort[] a = Patterns(count, random), b = Patterns(count, random);
        using var device = new TestDevice(KernelFiles.Read("halves", 90), mode);
        ulong inGlobal = device.Upload(a), x = device.Upload(b);
        ulong[] told = [.. Enumerable.Range(0, 3).Select(_ => device.Allocate<ushort>(count))];
        LaunchReport report = device.Launch(kernel, new Dim3(1), new Dim3(Threads), 0, inGlobal, x, told[0], told[1], told[2]);
        ushort[] sums = device.Download<ushort>(inGlobal, count);
        for (int i = 0; i < count; i++)
        {
            ulong expected = FloatCases.Add(format, Rounds.Nearest)(a[i], b[i], 0);
            bool isRight = format.IsNaN(expected) ? format.IsNaN(sums[i]) : sums[i] == expected;
            Assert.True(isRight, $"0x{a[i]:x4} + 0x{b[i]:x4} gave 0x{sums[i]:x4} instead of 0x{expected:x4}");
        }

        Assert.Equal(a, device.Download<ushort>(told[0], count));
        Assert.Equal(sums, device.Download<ushort>(told[1], count));
        Assert.Equal(a, device.Download<ushort>(told[2], count));
        Assert.Empty(report.Findings);
    }

    /// <summary>Quarters that a format of 8 bits of precision adds up exactly, from several blocks at once.</summary>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void NoneOfManySummandsIsLost(string kernel, MachineMode mode)
    {
        const int Blocks = 6;
        FloatFormat format = Format(kernel);
        int parts = Parts(kernel);
        int[] quarters = [.. Enumerable.Range(0, Blocks * Threads * parts).Select(i => i % 12 / parts == 0 ? 1 - (i % parts * 2) : 0)];
        ushort[] x = [.. quarters.Select(quarter => Bits(format, quarter))];
        using var device = new TestDevice(KernelFiles.Read("halves", 90), mode, workers: 4);
        ulong sum = device.Upload(new ushort[parts]);
        LaunchReport report = device.Launch($"{kernel}_sum", new Dim3(Blocks), new Dim3(Threads), 0, sum, device.Upload(x));
        ushort[] expected = [.. Enumerable.Range(0, parts).Select(part => Bits(format, quarters.Where((_, i) => i % parts == part).Sum()))];
        Assert.Equal(expected, device.Download<ushort>(sum, parts));
        Assert.Empty(report.Findings);
    }

    private static ushort[] Patterns(int count, Random random) => [.. BitPatterns.Draw(count, 16, random).Select(bits => (ushort)bits)];

    private static ushort Bits(FloatFormat format, int quarters) => (ushort)(Dyadic.Of(quarters) with { Exponent = -2 }).ToBits(format, Rounds.Nearest);
}
