using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Testing.Reference;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class LayerNormTests
{
    [Theory]
    [MemberData(nameof(TestBackends.Names), MemberType = typeof(TestBackends))]
    public void MatchesTheReferenceAtAwkwardShapes(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int rows, int width) in (ReadOnlySpan<(int, int)>)[(1, 1), (1, 15), (3, 16), (2, 17), (7, 97), (5, 480), (1, 1920)])
        {
            using var contract = new OpContract(backend, (ulong)((rows * 10_000) + width));
            Tensor x = contract.Input(ElementType.F32, contract.Random.Floats(rows * width), rows, width);
            Tensor gain = contract.Input(ElementType.F32, contract.Random.Floats(width), width);
            Tensor bias = contract.Input(ElementType.F32, contract.Random.Floats(width), width);
            Tensor y = contract.Output(ElementType.F32, rows, width);
            backend.LayerNorm(x, gain, bias, y);
            double[] expected = ReferenceOps.LayerNorm(OpContract.Stored(x), OpContract.Stored(gain), OpContract.Stored(bias));
            contract.Matches(y, expected, Tolerances.LayerNorm(width));
        }
    }
}
