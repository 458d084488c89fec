using Jukebox.Core.Contract;
using Jukebox.Core.Randomness;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Tokens;
using Xunit;

namespace Jukebox.Tests.Tokens;

/// <summary>The device's draws against the host's: the same tokens from the same logits.</summary>
public sealed class DrawTests
{
    private const int Batch = 6;

    /// <summary>One class; about a warp, a block, the published vocabularies; more than shared memory is used for.</summary>
    private static readonly int[] Classes = [1, 2, 3, 31, 33, 255, 256, 257, 2048, 2127, 4097, 12_001];

    private static readonly SamplingRule[] Rules =
    [
        new(1), new(0.7f), new(1.3f, 1), new(1, 2), new(0.9f, 5), new(1, 100), new(1, 100_000), new(1, 0, 0.05f), new(0.8f, 0, 0.5f),
        new(1, 0, 0.9f), new(1.5f, 0, 0.99f), new(1, 0, 1),
    ];

    [Theory]
    [InlineData("cuda-70-f32")]
    [InlineData("cuda-80-f32")]
    public void TokensAreThoseOfTheHost(string name)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach (int classes in Classes)
        {
            foreach (bool ties in (ReadOnlySpan<bool>)[false, true])
            {
                using var contract = new OpContract(backend, (ulong)((2 * classes) + (ties ? 1 : 0)));
                float[] logits = contract.Random.Floats((long)Batch * classes, 3);
                for (int i = 0; i < logits.Length && ties; i++)
                {
                    logits[i] = contract.Random.Next(40) == 0 && i % classes != 0 ? float.NegativeInfinity : MathF.Round(logits[i]);
                }

                foreach (SamplingRule rule in Rules)
                {
                    Check(contract, logits, classes, rule);
                }
            }
        }
    }

    private static void Check(OpContract contract, float[] logits, int classes, SamplingRule rule)
    {
        const int length = 5, position = 3, ring = 2, level = 1;
        ulong seed = contract.Random.Next();
        int[] items = contract.Random.Ints(Batch, 1000), cursor = [position, contract.Random.Next(1_000_000)];
        Tensor tokens = contract.Input(new int[Batch * length], Batch, length), drawn = contract.Output(ElementType.I32, ring, Batch);
        contract.Backend.SampleTokens(
            contract.Input(ElementType.F32, logits, Batch, classes), rule, seed, level, contract.Input(items, Batch), contract.Input(cursor, 2), tokens, drawn);
        int[] actual = tokens.ToArray<int>();
        var room = new float[2 * classes];
        for (int n = 0; n < Batch; n++)
        {
            double uniform = CounterRandom.Uniform(seed, items[n], level, cursor[1]);
            int expected = TokenDraw.Draw(logits.AsSpan(n * classes, classes), rule, uniform, room);
            Assert.True(expected == actual[(n * length) + position], $"{classes} classes, {rule}, row {n}: {expected}, not {actual[(n * length) + position]}");
            Assert.Equal(expected, drawn.ToArray<int>()[(position % ring * Batch) + n]);
            Assert.Equal(length - 1, actual.AsSpan(n * length, length).Count(0) + (expected == 0 ? -1 : 0));
        }
    }
}
