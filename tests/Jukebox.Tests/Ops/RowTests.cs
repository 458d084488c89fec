using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

/// <summary>Embedding, gathering, scaled sums, and sums at the cursor.</summary>
public sealed class RowTests
{
    private static readonly int[] Widths = [1, 3, 15, 16, 17, 33, 97, 480];

    public static TheoryData<string, ElementType> Cases
    {
        get
        {
            var cases = new TheoryData<string, ElementType>();
            foreach (string name in TestBackends.AllNames)
            {
                cases.Add(name, ElementType.F32);
                cases.Add(name, ElementType.F16);
                cases.Add(name, ElementType.BF16);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void EmbedMatchesTheReference(string name, ElementType type)
    {
        using IBackend backend = TestBackends.Open(name);
        const int batch = 3, length = 9, rows = 11;
        foreach (int width in Widths)
        {
            foreach ((int first, int count) in (ReadOnlySpan<(int, int)>)[(0, 1), (0, 9), (4, 1), (3, 6)])
            {
                using var contract = new OpContract(backend, (ulong)((width * 100) + first));
                Tensor tokens = contract.Input(contract.Random.Ints(batch * length, rows), batch, length);
                Tensor table = contract.Input(type, contract.Random.Floats(rows * width), rows, width);
                Tensor start = contract.Input(ElementType.F32, contract.Random.Floats(batch * width), batch, width);
                Tensor positions = contract.Input(type, contract.Random.Floats(length * width), length, width);
                Tensor? condition = first % 2 == 0
                    ? contract.Input(ElementType.F32, contract.Random.Floats(batch * length * width), batch, length, width)
                    : null;
                Tensor y = contract.Output(ElementType.F32, batch, count, width);
                backend.Embed(tokens, table, start, positions, condition, contract.Cursor(first), y);
                double[] expected = ReferenceOps.Embed(
                    tokens.ToArray<int>(), OpContract.Stored(table), OpContract.Stored(start), OpContract.Stored(positions),
                    condition is { } rowsOf ? OpContract.Stored(rowsOf) : null, batch, first, count, width);
                contract.Matches(y, expected, Tolerances.Sum(3));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void GatherTakesTheRowsOfTheIndices(string name, ElementType type)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int width in Widths)
        {
            using var contract = new OpContract(backend, (ulong)width);
            int[] indices = contract.Random.Ints(6, 7);
            Tensor table = contract.Input(type, contract.Random.Floats(7 * width), 7, width);
            Tensor y = contract.Output(ElementType.F32, 2, 3, width);
            backend.Gather(contract.Input(indices, 2, 3), table, y);
            double[] stored = OpContract.Stored(table);
            double[] expected = [.. indices.SelectMany(index => stored.AsSpan(index * width, width).ToArray())];
            contract.Matches(y, expected, 0);
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ScaledAddMayWriteEitherInput(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int count in (int[])[1, 15, 16, 17, 1000, 40_001])
        {
            using var contract = new OpContract(backend, (ulong)count);
            float[] left = contract.Random.Floats(count), right = contract.Random.Floats(count);
            double[] expected = [.. left.Zip(right, (a, b) => a + (0.25 * b))];
            Tensor x = contract.Input(ElementType.F32, left, count), delta = contract.Input(ElementType.F32, right, count);
            Tensor y = contract.Output(ElementType.F32, count);
            backend.ScaledAdd(x, delta, 0.25f, y);
            contract.Matches(y, expected, Tolerances.Sum(1));
            Tensor xAgain = contract.Input(ElementType.F32, left, count);
            backend.ScaledAdd(xAgain, delta, 0.25f, xAgain);
            backend.ScaledAdd(x, delta, 0.25f, delta);
            contract.Matches(xAgain, expected, Tolerances.Sum(1));
            contract.Matches(delta, expected, Tolerances.Sum(1));
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void AddAtTakesRowsFromTheCursorOn(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 3);
        const int batch = 2, count = 3, length = 8, width = 19, position = 4;
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(batch * count * width), batch, count, width);
        Tensor rows = contract.Input(ElementType.F32, contract.Random.Floats(batch * length * width), batch, length, width);
        double[] expected = OpContract.Stored(x), added = OpContract.Stored(rows);
        for (int i = 0; i < expected.Length; i++)
        {
            int n = i / (count * width), within = i % (count * width);
            expected[i] += added[(((n * length) + position) * width) + within];
        }

        backend.AddAt(x, rows, contract.Cursor(position), x);
        contract.Matches(x, expected, Tolerances.Sum(1));
    }
}
