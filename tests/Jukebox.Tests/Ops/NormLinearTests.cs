using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Ops;

/// <summary>The fused operation against the operations it stands for, bit for bit.</summary>
public sealed class NormLinearTests
{
    public static TheoryData<string, ElementType> Cases
    {
        get
        {
            var cases = new TheoryData<string, ElementType>();
            foreach (string name in TestBackends.AllNames)
            {
                foreach (ElementType type in (ElementType[])[ElementType.F32, ElementType.F16, ElementType.BF16])
                {
                    cases.Add(name, type);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EqualsTheNormAndTheLinearLayer(string name, ElementType type)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int rows, int inputs, int outputs) in ((int, int, int)[])[(1, 1, 1), (1, 97, 33), (2, 40, 17), (5, 63, 64), (9, 130, 31), (17, 65, 48), (49, 33, 97)])
        {
            using var contract = new OpContract(backend, (ulong)((rows * 1000) + outputs));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * inputs), rows, inputs);
            LayerNormWeights norm = Norm(contract, type, inputs);
            using PackedMatrix packed = backend.PackCopy(Weights(contract, type, inputs, outputs));
            Tensor normed = contract.Output(ElementType.F32, rows, inputs), room = contract.Output(ElementType.F32, rows, inputs);
            Tensor expected = contract.Output(ElementType.F32, rows, outputs), actual = contract.Output(ElementType.F32, rows, outputs);
            backend.LayerNorm(x, norm.Gain, norm.Bias, normed);
            backend.Linear(normed, packed, Activation.QuickGelu, null, expected);
            backend.NormLinear(x, norm, packed, Activation.QuickGelu, null, room, actual);
            Assert.Equal(expected.ToArray<int>(), actual.ToArray<int>());
        }
    }

    /// <summary>Every pattern stores keys and values where the operation of its own puts them, and nothing elsewhere.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void AppendsWhatAppendToCacheWould(string name, ElementType type)
    {
        using IBackend backend = TestBackends.Open(name);
        const int inputs = 37, state = 13, context = 24, blocks = 4, batch = 2;
        foreach (AttentionKind kind in Enum.GetValues<AttentionKind>().Where(kind => kind != AttentionKind.LyricsCross))
        {
            foreach ((int position, int count) in ((int, int)[])[(0, 1), (6, 1), (23, 1), (3, 7), (17, 7)])
            {
                using var contract = new OpContract(backend, (ulong)((position * 10) + count));
                var pattern = AttentionPattern.Create(kind, context, blocks, 7, 2, 5);
                Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * count * inputs), batch, count, inputs);
                LayerNormWeights norm = Norm(contract, type, inputs);
                using PackedMatrix packed = backend.PackCopy(Weights(contract, type, inputs, 3 * state));
                ElementType cacheType = backend.CacheType(packed.Type);
                Tensor[] caches = [.. Enumerable.Range(0, 4).Select(_ => contract.Output(cacheType, batch, pattern.CacheLength, state))];
                Tensor room = contract.Output(ElementType.F32, batch, count, inputs), cursor = contract.Cursor(position);
                Tensor expected = contract.Output(ElementType.F32, batch, count, 3 * state), actual = contract.Output(ElementType.F32, batch, count, 3 * state);
                backend.NormLinear(x, norm, packed, Activation.None, null, room, expected);
                backend.AppendToCache(expected, caches[0], caches[1], pattern, cursor);
                backend.NormLinear(x, norm, packed, Activation.None, new CacheAppend(caches[2], caches[3], pattern, cursor), room, actual);
                Assert.Equal(OpContract.Stored(caches[0]), OpContract.Stored(caches[2]));
                Assert.Equal(OpContract.Stored(caches[1]), OpContract.Stored(caches[3]));
                Assert.Equal(Queries(expected), Queries(actual));
            }
        }
    }

    private static LayerNormWeights Norm(OpContract contract, ElementType type, int width) => new(
        contract.Input(type, contract.Random.Floats(width), width), contract.Input(type, contract.Random.Floats(width), width));

    private static LinearWeights Weights(OpContract contract, ElementType type, int inputs, int outputs) => new(
        contract.Input(type, contract.Random.Floats(inputs * outputs), inputs, outputs), contract.Input(type, contract.Random.Floats(outputs), outputs));

    /// <summary>The first third of each row, as bits.</summary>
    private static int[] Queries(Tensor projected)
    {
        int width = projected.Shape[-1];
        return [.. projected.ToArray<int>().Where((_, i) => i % width < width / 3)];
    }
}
