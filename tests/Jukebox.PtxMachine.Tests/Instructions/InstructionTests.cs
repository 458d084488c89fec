using Xunit;

namespace Jukebox.PtxMachine.Tests.Instructions;

/// <summary>
/// Every kernel of <c>instructions.cu</c> on random and awkward bit patterns, some threads inactive, against references that share nothing
/// with the machine. The same bits are asked whatever vectors the host has, so running the suite with instruction sets switched off
/// compares the paths.
/// </summary>
public class InstructionTests
{
    /// <summary>Not a multiple of a warp.</summary>
    private const int Count = 1013;

    private const ulong Poison = 0xDEADBEEFDEADBEEF;

    /// <summary>One module for all: it has hundreds of kernels.</summary>
    private static readonly Dictionary<int, Lazy<TestDevice>> Devices =
        KernelFiles.Targets.ToDictionary(target => target, target => new Lazy<TestDevice>(() => new TestDevice(KernelFiles.Read("instructions", target))));

    private static readonly InstructionCase[] Cases = [.. IntegerCases.All, .. FloatCases.All, .. ConversionCases.All];

    public static TheoryData<string, int> Kernels()
    {
        var data = new TheoryData<string, int>();
        foreach (InstructionCase instruction in Cases)
        {
            foreach (int target in KernelFiles.Targets.Where(target => target >= instruction.MinimumTarget))
            {
                data.Add(instruction.Kernel, target);
            }
        }

        return data;
    }

    [Fact]
    public void EveryKernelOfTheFileHasACase()
    {
        IEnumerable<string> kernels = KernelFiles.Read("instructions", 80).Kernels.Keys;
        Assert.Equal(kernels.Order(StringComparer.Ordinal), Cases.Select(instruction => instruction.Kernel).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void AnInstructionGivesWhatItsReferenceSays(string kernel, int target)
    {
        InstructionCase instruction = Cases.Single(c => c.Kernel == kernel);
        string widths = instruction.Widths.PadRight(4, 'R');
        int seed = kernel.Aggregate(target, (sum, letter) => unchecked((sum * 31) + letter));
        ulong[][] operands = [.. Enumerable.Range(1, 3).Select(k => BitPatterns.Draw(Count, 8 * InstructionCase.Bytes(widths[k]), new Random(seed + k)))];
        byte[] active = new byte[Count];
        new Random(seed).NextBytes(active);
        active = [.. active.Select((value, i) => (byte)(i < 256 || value > 80 ? 1 : 0))];

        TestDevice device = Devices[target].Value;
        ulong result = device.Upload(Pack(Enumerable.Repeat(Poison, Count), widths[0]));
        ulong[] addresses = [.. operands.Select((values, k) => device.Upload(Pack(values, widths[k + 1])))];
        device.Launch(kernel, new Dim3((Count + 127) / 128), new Dim3(128), 0, result, addresses[0], addresses[1], addresses[2], device.Upload(active), Count);

        ulong[] actual = Unpack(device.Download<byte>(result, Count * InstructionCase.Bytes(widths[0])), widths[0]);
        ulong untouched = Unpack(Pack([Poison], widths[0]), widths[0])[0];
        for (int i = 0; i < Count; i++)
        {
            (ulong a, ulong b, ulong c) = (operands[0][i], operands[1][i], operands[2][i]);
            ulong expected = active[i] != 0 ? instruction.Reference(a, b, c) : untouched;
            bool isRight = active[i] != 0 ? instruction.Accepts(expected, actual[i]) : expected == actual[i];
            Assert.True(isRight, $"{kernel}(0x{a:x}, 0x{b:x}, 0x{c:x}) gave 0x{actual[i]:x} instead of 0x{expected:x} in thread {i} (seed {seed})");
        }
    }

    private static byte[] Pack(IEnumerable<ulong> values, char width) =>
        [.. values.SelectMany(value => BitConverter.GetBytes(value).Take(InstructionCase.Bytes(width)))];

    private static ulong[] Unpack(byte[] bytes, char width)
    {
        int length = InstructionCase.Bytes(width);
        return [.. bytes.Chunk(length).Select(chunk => BitConverter.ToUInt64([.. chunk, .. new byte[8 - length]]))];
    }
}
