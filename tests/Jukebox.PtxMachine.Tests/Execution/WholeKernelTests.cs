using System.Runtime.InteropServices;
using Xunit;

namespace Jukebox.PtxMachine.Tests.Execution;

public class WholeKernelTests
{
    public static TheoryData<int> Targets => [.. KernelFiles.Targets];

    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Arguments
    {
        public ulong Input;
        public ulong Output;
        public int Count;
        public short Step;
        public byte Flag;
        public fixed float Values[6];
    }

    /// <summary>Struct parameters, a called function with local memory, static and dynamic shared memory, constants, generic pointers, atomics.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public unsafe void AKernelOfManyPartsComputesWhatItsSourceSays(int target)
    {
        const int Blocks = 5, Threads = 33, Count = (Blocks * Threads) - 7;
        using var device = new TestDevice(KernelFiles.Read("syntax", target));
        var arguments = new Arguments { Output = device.Upload(new float[Blocks * Threads]), Count = Count, Step = 5, Flag = 1 };
        for (int k = 0; k < 6; k++)
        {
            arguments.Values[k] = 0.5f * (k + 1);
        }

        byte[] bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<Arguments>(in arguments)).ToArray();
        device.Launch("first", new Dim3(Blocks), new Dim3(Threads), Threads * sizeof(float), bytes);
        float[] output = device.Download<float>(arguments.Output, Blocks * Threads);
        for (int i = 0; i < Blocks * Threads; i++)
        {
            Assert.Equal(i < Count ? Expected(i, Threads, arguments) : 0, output[i], 1e-3f);
        }

        Assert.True(device.Module.TryGetGlobal("counter", out ulong counter, out _));
        Assert.Equal(5 + Count, device.Download<int>(counter, 1)[0]);
    }

    private static unsafe float Expected(int i, int threads, Arguments arguments)
    {
        int block = i / threads, flag = arguments.Flag;
        int tileIndex = (block * threads) + (i % 33);
        float factor = arguments.Values[tileIndex % 6], sum = 0;
        for (int k = 0; k < i; k++)
        {
            sum += factor * ((k * 3) & 7);
        }

        int wide = Enumerable.Range(block * threads, threads).Last(t => t % threads % 3 == flag);
        int dynamic = (block * threads) + (i % arguments.Step);
        float[] table = [1, 2, 3, 4];
        return sum + table[dynamic & 3] + wide + table[0];
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void RepeatedLaunchesFromSeveralThreadsAgree(int target)
    {
        using var device = new TestDevice(KernelFiles.Read("syntax", target));
        Parallel.For(0, 64, launch =>
        {
            int count = 1 + (launch % 40);
            ulong output = device.Upload(Enumerable.Repeat(-1f, 64).ToArray());
            device.Launch("second", new Dim3(1), new Dim3(64), 0, output, count, 0.25, (byte)launch, (short)-launch);
            float[] result = device.Download<float>(output, 64);
            Assert.All(result.Take(count), value => Assert.Equal((0.25f * launch) - launch, value));
            Assert.All(result.Skip(count), value => Assert.Equal(-1f, value));
        });
    }

    [Fact]
    public void AnAddressOutsideTheArenaIsAFaultThatNamesItsPlace()
    {
        using var device = new TestDevice(KernelFiles.Read("syntax", 80));
        PtxFaultException fault = Assert.Throws<PtxFaultException>(() => device.Launch("second", new Dim3(1), new Dim3(64), 0, 0x1000ul, 64, 1.0, (byte)1, (short)1));
        Assert.True(fault.IsIllegalAddress);
        Assert.Equal("second", fault.Kernel);
        Assert.Equal(new Dim3(64), fault.Block);
        Assert.Equal(0x1000ul, fault.Finding.Address);
        Assert.Equal("syntax.cu", fault.Finding.SourceFile);
        Assert.StartsWith("st.global", fault.Finding.Instruction, StringComparison.Ordinal);
    }

    [Fact]
    public void MalformedLaunchesAreRefused()
    {
        using var device = new TestDevice(KernelFiles.Read("syntax", 80));
        Assert.Contains("compiled for 128 threads", Assert.Throws<ArgumentException>(() => device.Launch("first", new Dim3(1), new Dim3(129), 0, new byte[48])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => device.Launch("second", new Dim3(0), new Dim3(1), 0, 0ul, 1, 1.0, (byte)0, (short)0));
        Assert.Throws<ArgumentException>(() => device.Launch("second", new Dim3(1), new Dim3(1025), 0, 0ul, 1, 1.0, (byte)0, (short)0));
    }
}
