using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Tests.Attention;

/// <summary>Attention where several splits of keys are seen, at the widths of the published models.</summary>
public sealed class AttentionKernelTests
{
    /// <summary>
    /// Blocks and the positions of one, longer than a split of keys or more of them than one has; with the heads of the
    /// upsamplers, 5b and its lyrics encoder, and with those of 1b, the widest that is promised and odd ones.
    /// </summary>
    private static readonly (int Blocks, int Length, HeadShape[] Shapes)[] Windows =
        [(3, 70, [new(1, 1, 480), new(1, 8, 1200), new(16, 4, 320)]), (70, 3, [new(3, 2, 512), new(1, 1, 2048), new(3, 3, 111)])];

    public static TheoryData<string, AttentionKind> Cases
    {
        get
        {
            var cases = new TheoryData<string, AttentionKind>();
            foreach (string name in TestBackends.AllNames)
            {
                foreach (AttentionKind kind in Enum.GetValues<AttentionKind>())
                {
                    cases.Add(name, kind);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void StepsAtBlockEdgesMatchTheReferenceAndChunks(string name, AttentionKind kind)
    {
        using IBackend backend = TestBackends.Open(name);
        foreach ((int blocks, int length, HeadShape[] shapes) in Windows)
        {
            int context = blocks * length;
            int[] edges = [0, length - 1, length, (2 * length) - 1, 2 * length, 128, context - 1];
            foreach (HeadShape shape in shapes)
            {
                using var contract = new OpContract(backend, (ulong)((context * 10_000) + shape.Width + (int)kind));
                var window = new AttentionWindow(contract, shape, kind, context, blocks, 33, Math.Min(length, 45), 150);
                foreach ((int position, float[] step, float[] chunk, double[] expected) in window.Attend(edges.Distinct().Order()))
                {
                    Assert.True(step.AsSpan().SequenceEqual(chunk), $"{name}, {shape}, {blocks} blocks, position {position}: a step is not a chunk's end");
                    Tensor actual = contract.Input(ElementType.F32, step, shape.Batch, shape.Width);
                    contract.Matches(actual, expected, Tolerances.Attention(shape.HeadWidth, context));
                }
            }
        }
    }
}
