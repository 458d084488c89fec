using Jukebox.Core.Contract;
using Jukebox.Core.Randomness;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Tokens;

namespace Jukebox.Cpu.Backend;

/// <summary>Drawing tokens, moving the cursor, and changing storage.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <inheritdoc/>
    public void SampleTokens(Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens, Tensor drawn)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int count = logits.Shape[1], batch = logits.Shape[0], position = Ints(cursor)[0];
        OperationShapes.SampleTokens(logits, items, tokens, drawn);
        CheckPositions(position, 1, tokens.Shape[1]);
        var room = new Span<float>(_scratch.Reserve(2L * count * sizeof(float)), 2 * count);
        for (int n = 0; n < batch; n++)
        {
            double uniform = CounterRandom.Uniform(seed, Ints(items)[n], level, Ints(cursor)[1]);
            var row = new ReadOnlySpan<float>(Floats(logits) + ((long)n * count), count);
            int token = TokenDraw.Draw(row, rule, uniform, room);
            Ints(tokens)[((long)n * tokens.Shape[1]) + position] = Math.Max(token, 0);
            Ints(drawn)[(position % drawn.Shape[0] * batch) + n] = token;
        }
    }

    /// <inheritdoc/>
    public void Advance(Tensor cursor, int count)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(cursor.LengthElements == 2, "advance", cursor);
        Ints(cursor)[0] += count;
        Ints(cursor)[1] += count;
    }

    /// <inheritdoc/>
    public void Convert(Tensor x, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.LengthElements == y.LengthElements, "convert", x, y);
        switch (y.Type)
        {
            case ElementType.F32:
                const int pieceElements = 1 << 20;
                for (long i = 0; i < y.LengthElements; i += pieceElements)
                {
                    int count = (int)Math.Min(pieceElements, y.LengthElements - i);
                    Widen(x.Type, Bytes(x) + (i * x.Type.LengthBytes()), Floats(y) + i, count, add: false);
                }

                break;
            case ElementType.F16:
                for (long i = 0; i < y.LengthElements; i++)
                {
                    ((Half*)Bytes(y))[i] = (Half)At(x, i);
                }

                break;
            case ElementType.BF16:
                for (long i = 0; i < y.LengthElements; i++)
                {
                    ((ushort*)Bytes(y))[i] = RoundToBFloat16(At(x, i));
                }

                break;
            default:
                throw new ArgumentException($"cannot convert to {y.Type}");
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor x, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Copy(x, y);
        Buffer.MemoryCopy(Bytes(x), Bytes(y), y.LengthBytes, x.LengthBytes);
    }

    private static ushort RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
