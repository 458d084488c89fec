using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Xunit;

namespace Jukebox.Tests.Cpu;

/// <summary>What only a backend that sees positions and indices when an operation is issued can refuse.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void PositionsBeyondTheContextAreRefused()
    {
        using var backend = new CpuBackend();
        using var contract = new OpContract(backend, 13);
        var pattern = AttentionPattern.Create(AttentionKind.Dense, 4, 1, 4);
        Tensor projected = contract.Output(ElementType.F32, 1, 2, 6), cache = contract.Output(ElementType.F32, 1, 4, 2);
        var error = Assert.Throws<ArgumentException>(() => backend.AppendToCache(projected, cache, cache, pattern, contract.Cursor(3)));
        Assert.Contains("[3, 5) of a sequence of 4", error.Message);
    }

    [Fact]
    public void AnIndexOutsideTheTableIsRefused()
    {
        using var backend = new CpuBackend();
        using var contract = new OpContract(backend, 4);
        Tensor table = contract.Output(ElementType.F32, 5, 2), y = contract.Output(ElementType.F32, 1, 2);
        foreach (int index in (int[])[-1, 5, int.MinValue])
        {
            var error = Assert.Throws<ArgumentException>(() => backend.Gather(contract.Input([index], 1), table, y));
            Assert.Contains($"index {index} into a table (5, 2) F32", error.Message);
        }
    }
}
