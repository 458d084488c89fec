using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class NearestCodeTests
{
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheDistanceOfTheChosenCodeIsTheSmallest(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        (int, int, int)[] shapes = [(1, 1, 1), (3, 5, 2), (7, 31, 8), (13, 33, 17), (12, 32, 16), (50, 65, 3), (97, 100, 64), (101, 2048, 64)];
        foreach ((int rows, int bins, int width) in shapes)
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + bins));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width);
            Tensor codebook = contract.Input(ElementType.F32, contract.Random.Floats(bins * width), bins, width);
            Tensor codes = contract.Output(ElementType.I32, rows);
            backend.NearestCode(x, codebook, codes);
            int[] chosen = codes.ToArray<int>();
            double[] distances = ReferenceOps.Distances(OpContract.Stored(x), OpContract.Stored(codebook), width);
            for (int r = 0; r < rows; r++)
            {
                ReadOnlySpan<double> row = distances.AsSpan(r * bins, bins);
                double smallest = double.PositiveInfinity;
                foreach (double distance in row)
                {
                    smallest = Math.Min(smallest, distance);
                }

                Assert.InRange(chosen[r], 0, bins - 1);
                Assert.InRange(row[chosen[r]], smallest, smallest + Tolerances.Distance(width));
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void TheLowestOfEqualCodesWins(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 1);
        const int Bins = 97, Width = 6;
        var codebook = new float[Bins * Width];
        codebook.AsSpan(0, 20 * Width).Fill(5);
        codebook.AsSpan(20 * Width).Fill(0.5f);
        Tensor x = contract.Input(ElementType.F32, new float[2 * Width], 2, Width);
        Tensor codes = contract.Output(ElementType.I32, 2);
        backend.NearestCode(x, contract.Input(ElementType.F32, codebook, Bins, Width), codes);
        Assert.Equal([20, 20], codes.ToArray<int>());
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ARowsCodeDoesNotDependOnTheRowsBesideIt(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 2);
        const int Rows = 200, Bins = 130, Width = 64;
        Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(Rows * Width), Rows, Width);
        Tensor codebook = contract.Input(ElementType.F32, contract.Random.Floats(Bins * Width), Bins, Width);
        Tensor together = contract.Output(ElementType.I32, Rows), alone = contract.Output(ElementType.I32, Rows);
        backend.NearestCode(x, codebook, together);
        for (int r = 0; r < Rows; r++)
        {
            backend.NearestCode(x.Slice(r, 1), codebook, alone.Slice(r, 1));
        }

        Assert.Equal(together.ToArray<int>(), alone.ToArray<int>());
    }

    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void ShapesThatDoNotFitAreRefused(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        using var contract = new OpContract(backend, 3);
        Tensor codes = contract.Output(ElementType.I32, 4);
        Tensor x = contract.Output(ElementType.F32, 4, 3);
        Assert.Throws<ArgumentException>(() => backend.NearestCode(x, contract.Output(ElementType.F32, 5, 2), codes));
        Assert.Throws<ArgumentException>(() => backend.NearestCode(x, contract.Output(ElementType.F32, 5, 3), codes.Slice(0, 3)));
    }
}
