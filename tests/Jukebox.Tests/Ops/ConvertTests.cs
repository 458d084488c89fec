using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class ConvertTests
{
    /// <summary>Ties, both infinities, subnormals of both narrow types, and the ends of their ranges.</summary>
    private static readonly float[] Awkward =
    [
        0, -0f, 1, -1, 1.00390625f, 1.01171875f, 1.00048828125f, 1.00146484375f, 65504, 65519, 65520, -70000, 6e-8f, 2.98e-8f, 3.1e-5f,
        6.1e-5f, 1e-40f, 3.4e38f, float.PositiveInfinity, float.NegativeInfinity, 0.1f, 3.14159274f, 1e-20f,
    ];

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void NarrowingRoundsToNearestEven(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 21);
        float[] values = [.. Awkward, .. contract.Random.Floats(1000, 100)];
        Tensor x = contract.Input(ElementType.F32, values, values.Length);
        Tensor half = contract.Output(ElementType.F16, values.Length), brain = contract.Output(ElementType.BF16, values.Length);
        backend.Convert(x, half);
        backend.Convert(x, brain);
        Assert.Equal(Array.ConvertAll(values, v => (Half)v), half.ToArray<Half>());
        Assert.Equal(Array.ConvertAll(values, NearestBFloat16), Array.ConvertAll(brain.ToArray<ushort>(), Widen));
    }

    /// <summary>Every one of the 65,536 bit patterns of both narrow types.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void WideningIsExactForEveryPattern(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 22);
        ushort[] patterns = [.. Enumerable.Range(0, 1 << 16).Select(i => (ushort)i)];
        foreach (ElementType type in (ElementType[])[ElementType.F16, ElementType.BF16])
        {
            Tensor x = contract.Output(type, patterns.Length), y = contract.Output(ElementType.F32, patterns.Length);
            x.Upload<ushort>(patterns);
            backend.Convert(x, y);
            float[] wide = y.ToArray<float>();
            for (int i = 0; i < patterns.Length; i++)
            {
                float expected = type == ElementType.F16 ? (float)BitConverter.UInt16BitsToHalf(patterns[i]) : Widen(patterns[i]);
                Assert.True(
                    float.IsNaN(expected) ? float.IsNaN(wide[i]) : BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(wide[i]),
                    $"{type} {i:X4}: {wide[i]}, not {expected}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void CopyKeepsEveryBitAndRefusesOtherLengths(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 23);
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(77), 7, 11), y = contract.Output(ElementType.F32, 77);
        backend.Copy(x, y);
        Assert.Equal(x.ToArray<int>(), y.ToArray<int>());
        Assert.Throws<ArgumentException>(() => backend.Copy(x, contract.Output(ElementType.F32, 78)));
    }

    /// <summary>Neighbours in a buffer are copied; one row less between them, and a device would leave anything there.</summary>
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void CopyWithinABufferNeedsPartsThatDoNotOverlap(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 24);
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(9 * 5), 9, 5);
        int[] before = x.Slice(4, 4).ToArray<int>();
        backend.Copy(x.Slice(4, 4), x.Slice(0, 4));
        Assert.Equal(before, x.Slice(0, 4).ToArray<int>());
        Assert.Throws<ArgumentException>(() => backend.Copy(x.Slice(3, 4), x.Slice(0, 4)));
        Assert.Throws<ArgumentException>(() => backend.Copy(x.Slice(0, 4), x.Slice(3, 4)));
    }

    private static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>By comparing distances in double, not by adding to bits.</summary>
    private static float NearestBFloat16(float value)
    {
        if (float.IsInfinity(value))
        {
            return value;
        }

        uint bits = BitConverter.SingleToUInt32Bits(value) >> 16;
        float below = Widen((ushort)bits), above = Widen((ushort)(bits + 1));
        double past = float.IsInfinity(above) ? Math.CopySign(Math.Pow(2, 128), value) : above;
        double toBelow = Math.Abs((double)value - below), toAbove = Math.Abs(past - value);
        return toBelow < toAbove || (toBelow == toAbove && bits % 2 == 0) ? below : above;
    }
}
