using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Activations of matrices and rows in half precision, sums in single: as near to the original's as rounding lets them be.</summary>
public sealed class HalfActivationTests
{
    /// <summary>Backends with matrices of 16 bits.</summary>
    public static TheoryData<string> Halves => [.. TestBackends.AllNames.Where(name => TestBackends.Storage(name) != ElementType.F32)];

    /// <summary>
    /// The original in half precision throughout is off by 4e-4 of the root mean square after a block and 9e-4 after seven; with sums and residuals in single
    /// precision what remains is the rounding of rows on their way into products, 2⁻¹¹ (or 2⁻⁸ of bf16) each.
    /// </summary>
    [SkippableTheory]
    [MemberData(nameof(Halves))]
    public void HalvesAreAsNearAsRoundingExplains(string backendName)
    {
        using var golden = new EmbedCase("embed_tools");
        using IBackend backend = TestBackends.Open(backendName);
        using var activations = new PriorActivations(backend, golden.Model, golden.Model.Description.Priors.Max(prior => prior.Level), 64);
        int[] layers = [.. Enumerable.Range(0, activations.Spec.Transformer.Depth + 1)];
        int[] codes = Array.ConvertAll(golden.Rows("z.full")[0], code => (int)code)[..activations.Spec.ContextLength];
        var actual = new Dictionary<int, List<float>>();
        activations.Read([new ActivationWindow(codes, golden.Rows("y")[0])], layers, (_, layer, _, rows) =>
        {
            actual.TryAdd(layer, []);
            actual[layer].AddRange(rows);
        });
        double rounding = TestBackends.Storage(backendName) == ElementType.BF16 ? 8 : 1, worst = 0;
        foreach (int layer in layers)
        {
            float[] expected = golden.Values("act.full", layer);
            Assert.Equal(expected.Length, actual[layer].Count);
            double square = 0, difference = 0;
            for (int i = 0; i < expected.Length; i++)
            {
                square += (double)expected[i] * expected[i];
                difference += Math.Pow((double)actual[layer][i] - expected[i], 2);
            }

            double off = Math.Sqrt(difference / square);
            Assert.True(off <= 9e-4 * rounding, $"{backendName}, layer {layer}: {off:0.0e+0} of the root mean square");
            worst = Math.Max(worst, off);
        }

        Assert.True(worst > 1e-6, $"{backendName}: {worst} is what single precision has, so nothing was in half");
    }
}
