using Jukebox.Core.Contract;
using Jukebox.Core.Shadow;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Ops;

public sealed class ShadowBackendTests
{
    /// <summary>A whole prior, stepped and primed, on two instruction sets: nothing differs, and results are the primary's.</summary>
    [Theory]
    [InlineData('C')]
    [InlineData('D')]
    [InlineData('E')]
    public void TwoSoundBackendsAgree(char kind)
    {
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny(kind)]);
        using ModelFolder folder = synthetic.Open();
        using var shadow = new ShadowBackend(new CpuBackend(), Portable(), 1e-3);
        using var alone = new CpuBackend();
        Assert.Equal(Draw(alone, folder), Draw(shadow, folder));
        Assert.True(shadow.ComparedOperations > 100);
    }

    [Fact]
    public void TheFirstOperationThatDiffersIsNamed()
    {
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [SyntheticPriors.Tiny('D')]);
        using ModelFolder folder = synthetic.Open();
        using var shadow = new ShadowBackend(FaultyBackend.Wrap(new CpuBackend(), nameof(IBackend.Attend), 3), Portable());
        string message = Assert.Throws<ShadowMismatchException>(() => Draw(shadow, folder)).Message;
        Assert.Contains("Attend (", message, StringComparison.Ordinal);
        Assert.Contains("1 of ", message, StringComparison.Ordinal);
        Assert.Contains("row 0, column 0", message, StringComparison.Ordinal);
    }

    private static CpuBackend Portable() => new(new CpuOptions(CpuInstructionSet.Portable, 1));

    private static int[] Draw(IBackend backend, ModelFolder folder)
    {
        PriorSpec spec = folder.Description.Priors[0];
        using Prior prior = Prior.Load(backend, folder, spec.Level);
        using PriorRun run = prior.CreateRun(2, 5);
        run.Begin(SyntheticPriors.Window(spec, 7, 0, 1));
        while (run.PrimeChunk())
        {
        }

        var codes = new int[2 * 6];
        run.Step(codes);
        return codes;
    }
}
