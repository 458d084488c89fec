using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Rows;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu.Backend;

/// <summary>Operations on one row, or one element, at a time.</summary>
public sealed unsafe partial class CpuBackend
{
    /// <summary>Elements from which a second thread pays for waking it.</summary>
    private const int ElementsPerPart = 16 * 1024;

    private RowTable _rows;

    /// <summary>Widens stored values into singles, or adds them: source, destination, count, add.</summary>
    private delegate*<byte*, float*, int, bool, void> _widenSingle, _widenHalf, _widenBFloat16;

    /// <inheritdoc/>
    public void LayerNorm(Tensor x, Tensor gain, Tensor bias, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = x.Shape[-1];
        OperationShapes.LayerNorm(x, gain, bias, y);
        float* room = (float*)_scratch.Reserve(2L * width * sizeof(float));
        var job = new LayerNormJob
        {
            Input = Floats(x),
            Output = Floats(y),
            Gain = Widened(gain, room),
            Bias = Widened(bias, room + width),
            RowCount = x.Shape.RowCount,
            Width = width,
            RowsPerPart = Math.Max(1, ElementsPerPart / Math.Max(width, 1)),
        };
        _team.Run(_rows.LayerNorm, &job, Divide(job.RowCount, job.RowsPerPart));
    }

    /// <inheritdoc/>
    public void ScaledAdd(Tensor x, Tensor delta, float scale, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        OperationShapes.Require(x.Shape == y.Shape && delta.Shape == y.Shape, "scaled add", x, delta, y);
        var job = new ScaledAddJob
        {
            X = Floats(x),
            Delta = Floats(delta),
            Output = Floats(y),
            Scale = scale,
            Count = y.LengthElements,
            ElementsPerPart = ElementsPerPart,
        };
        _team.Run(_rows.ScaledAdd, &job, checked((int)((job.Count + ElementsPerPart - 1) / ElementsPerPart)));
    }

    /// <inheritdoc/>
    public void AddAt(Tensor x, Tensor rows, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int position = Ints(cursor)[0], count = y.Shape[1], width = y.Shape[2];
        OperationShapes.AddAt(x, rows, y);
        CheckPositions(position, count, rows.Shape[1]);
        for (int n = 0; n < y.Shape[0]; n++)
        {
            float* added = Floats(rows) + ((((long)n * rows.Shape[1]) + position) * width);
            long at = (long)n * count * width;
            for (int t = 0; t < count; t++, at += width, added += width)
            {
                _rows.AddScaled(Floats(x) + at, added, 1, Floats(y) + at, width);
            }
        }
    }

    /// <inheritdoc/>
    public void Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor cursor, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int first = Ints(cursor)[0], batch = y.Shape[0], count = y.Shape[1], width = y.Shape[2];
        OperationShapes.Embed(tokens, table, start, positions, condition, y);
        CheckPositions(first, count, Math.Min(positions.Shape.RowCount, condition?.Shape[1] ?? int.MaxValue));
        CheckPositions(Math.Max(first - 1, 0), count - (first == 0 ? 1 : 0), tokens.Shape[1]);
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++)
            {
                int p = first + t;
                float* output = Floats(y) + ((((long)n * count) + t) * width);
                if (p == 0)
                {
                    WidenRow(start, n, width, output, add: false);
                }
                else
                {
                    WidenRow(table, CheckedIndex(Ints(tokens)[((long)n * tokens.Shape[1]) + p - 1], table), width, output, add: false);
                }

                WidenRow(positions, p, width, output, add: true);
                if (condition is { } rows)
                {
                    WidenRow(rows, ((long)n * rows.Shape[1]) + p, width, output, add: true);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Gather(Tensor indices, Tensor table, Tensor y)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        int width = table.Shape[1];
        OperationShapes.Require(y.Shape[-1] == width && y.LengthElements == indices.LengthElements * width, "gather", indices, table, y);
        for (long i = 0; i < indices.LengthElements; i++)
        {
            WidenRow(table, CheckedIndex(Ints(indices)[i], table), width, Floats(y) + (i * width), add: false);
        }
    }

    private static int CheckedIndex(int index, Tensor table) => (uint)index < (uint)table.Shape[0]
        ? index
        : throw new ArgumentException($"index {index} into a table {table}");

    private void BindRows<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        _rows.LayerNorm = &RowKernels<TSimd, TVector>.LayerNorm;
        _rows.ScaledAdd = &RowKernels<TSimd, TVector>.ScaledAdd;
        _rows.AddScaled = &RowKernels<TSimd, TVector>.AddScaled;
        _widenSingle = &RowKernels<TSimd, TVector>.Widen<SingleStorage>;
        _widenHalf = &RowKernels<TSimd, TVector>.Widen<HalfStorage>;
        _widenBFloat16 = &RowKernels<TSimd, TVector>.Widen<BFloat16Storage>;
    }

    private void WidenRow(Tensor table, long row, int width, float* output, bool add) =>
        Widen(table.Type, Bytes(table) + (row * width * table.Type.LengthBytes()), output, width, add);

    private void Widen(ElementType type, byte* source, float* output, int count, bool add)
    {
        switch (type)
        {
            case ElementType.F32:
                _widenSingle(source, output, count, add);
                break;
            case ElementType.F16:
                _widenHalf(source, output, count, add);
                break;
            case ElementType.BF16:
                _widenBFloat16(source, output, count, add);
                break;
            default:
                throw new ArgumentException($"cannot compute with {type}");
        }
    }

    /// <summary>The tensor's values as singles: in place, or widened into <paramref name="room"/>.</summary>
    private float* Widened(Tensor tensor, float* room)
    {
        if (tensor.Type == ElementType.F32)
        {
            return Floats(tensor);
        }

        Widen(tensor.Type, Bytes(tensor), room, checked((int)tensor.LengthElements), add: false);
        return room;
    }

    /// <summary>The kernels on rows; the last is called directly: x, delta, scale, output, count.</summary>
    private struct RowTable
    {
        public Kernel LayerNorm, ScaledAdd;
        public delegate*<float*, float*, float, float*, int, void> AddScaled;
    }
}
