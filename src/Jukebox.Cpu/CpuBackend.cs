using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Jukebox.Core;
using Jukebox.Cpu.Simd;

namespace Jukebox.Cpu;

/// <summary>
/// The contract on the host's processor. An operation is done when its call returns. Kernels are compiled for each
/// instruction set and one set is bound when the backend is opened; threads split outputs, never sums. One backend
/// serves one thread at a time.
/// </summary>
public sealed unsafe partial class CpuBackend : IBackend
{
    private readonly ThreadTeam _team;
    private readonly Scratch _scratch = new();

    /// <summary>Uses the best instruction set and every processor.</summary>
    public CpuBackend()
        : this(new CpuOptions())
    {
    }

    /// <summary>Uses what the options ask for.</summary>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the instruction set.</exception>
    public CpuBackend(CpuOptions options)
    {
        InstructionSet = options.InstructionSet ?? CpuOptions.Supported[0];
        if (!CpuOptions.Supported.Contains(InstructionSet))
        {
            throw new PlatformNotSupportedException($"this machine, or the run time's switches, offer no {NameOf(InstructionSet)}");
        }

        _team = new ThreadTeam(options.ThreadCount ?? Environment.ProcessorCount);
        switch (InstructionSet)
        {
            case CpuInstructionSet.Avx512:
                Bind<Avx512Simd, Vector512<float>>();
                break;
            case CpuInstructionSet.Avx2:
                Bind<Avx2Simd, Vector256<float>>();
                break;
            default:
                Bind<PortableSimd, Vector128<float>>();
                break;
        }
    }

    /// <summary>What the kernels are compiled for.</summary>
    public CpuInstructionSet InstructionSet { get; }

    /// <summary>Threads including the caller's.</summary>
    public int ThreadCount => _team.Count;

    /// <inheritdoc/>
    public string Name => $"CPU, {NameOf(InstructionSet)}, {ThreadCount} {(ThreadCount == 1 ? "thread" : "threads")}";

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long lengthBytes) => new CpuBuffer(lengthBytes);

    /// <inheritdoc/>
    public Tensor Load(StoredTensor source) => new(new CpuBuffer(source), source.Type, source.Shape);

    /// <inheritdoc/>
    public void Synchronize()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _team.Dispose();
        _scratch.Dispose();
    }

    /// <inheritdoc/>
    public void Embed(Tensor tokens, Tensor table, Tensor start, Tensor positions, Tensor? condition, Tensor cursor, Tensor y)
    {
        int batch = y.Shape[0], count = y.Shape[1], width = y.Shape[2], length = tokens.Shape[1];
        int first = Ints(cursor)[0];
        float* output = Floats(y);
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++, output += width)
            {
                int p = first + t;
                for (int c = 0; c < width; c++)
                {
                    float token = p == 0
                        ? Floats(start)[((long)n * width) + c]
                        : At(table, ((long)Ints(tokens)[((long)n * length) + p - 1] * width) + c);
                    float value = token + At(positions, ((long)p * width) + c);
                    output[c] = condition is { } rows ? value + Floats(rows)[((((long)n * rows.Shape[1]) + p) * width) + c] : value;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Gather(Tensor indices, Tensor table, Tensor y)
    {
        int width = table.Shape[1];
        for (long i = 0; i < indices.LengthElements; i++)
        {
            for (int c = 0; c < width; c++)
            {
                Floats(y)[(i * width) + c] = At(table, ((long)Ints(indices)[i] * width) + c);
            }
        }
    }

    /// <inheritdoc/>
    public void AppendToCache(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor)
    {
        int batch = projected.Shape[0], count = projected.Shape[1], columns = projected.Shape[2];
        int slots = keys.Shape[1], width = keys.Shape[2], first = Ints(cursor)[0];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++)
            {
                int slot = pattern.Slot(first + t);
                if (slot >= 0)
                {
                    float* row = Floats(projected) + ((((long)n * count) + t) * columns) + columns - (2 * width);
                    long target = (((long)n * slots) + slot) * width;
                    new ReadOnlySpan<float>(row, width).CopyTo(new Span<float>(Floats(keys) + target, width));
                    new ReadOnlySpan<float>(row + width, width).CopyTo(new Span<float>(Floats(values) + target, width));
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Attend(Tensor projected, Tensor keys, Tensor values, in AttentionPattern pattern, int heads, Tensor cursor, Tensor y)
    {
        int batch = y.Shape[0], count = y.Shape[1], width = y.Shape[2], columns = projected.Shape[2], slots = keys.Shape[1];
        var weights = new float[slots];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++)
            {
                long row = ((long)n * count) + t;
                VisibleKeys visible = pattern.Visible(Ints(cursor)[0] + t);
                for (int h = 0; h < heads; h++)
                {
                    int start = h * (width / heads), end = start + (width / heads);
                    Softmax(Floats(projected) + (row * columns), Floats(keys) + ((long)n * slots * width), visible, width, start, end, weights);
                    for (int c = start; c < end; c++)
                    {
                        float sum = 0;
                        for (int i = 0; i < visible.Count; i++)
                        {
                            sum += weights[i] * Floats(values)[((((long)n * slots) + visible.Slot(i)) * width) + c];
                        }

                        Floats(y)[(row * width) + c] = sum;
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void AttentionWeights(Tensor projected, Tensor keys, in AttentionPattern pattern, int heads, int head, Tensor cursor, Tensor y)
    {
        int batch = y.Shape[0], count = y.Shape[1], width = keys.Shape[2], columns = projected.Shape[2], slots = keys.Shape[1];
        var weights = new float[slots];
        for (int n = 0; n < batch; n++)
        {
            for (int t = 0; t < count; t++)
            {
                long row = ((long)n * count) + t;
                VisibleKeys visible = pattern.Visible(Ints(cursor)[0] + t);
                int start = head * (width / heads), end = start + (width / heads);
                Softmax(Floats(projected) + (row * columns), Floats(keys) + ((long)n * slots * width), visible, width, start, end, weights);
                new Span<float>(Floats(y) + (row * slots), slots).Clear();
                for (int i = 0; i < visible.Count; i++)
                {
                    Floats(y)[(row * slots) + visible.Slot(i)] = weights[i];
                }
            }
        }
    }

    /// <inheritdoc/>
    public void ScaledAdd(Tensor x, Tensor delta, float scale, Tensor y)
    {
        for (long i = 0; i < y.LengthElements; i++)
        {
            Floats(y)[i] = Floats(x)[i] + (scale * Floats(delta)[i]);
        }
    }

    /// <inheritdoc/>
    public void AddAt(Tensor x, Tensor rows, Tensor cursor, Tensor y)
    {
        int batch = y.Shape[0], count = y.Shape[1], width = y.Shape[2];
        for (int n = 0; n < batch; n++)
        {
            long from = (((long)n * rows.Shape[1]) + Ints(cursor)[0]) * width, to = (long)n * count * width;
            for (long i = 0; i < (long)count * width; i++)
            {
                Floats(y)[to + i] = Floats(x)[to + i] + Floats(rows)[from + i];
            }
        }
    }

    /// <inheritdoc/>
    public void SampleTokens(Tensor logits, in SamplingRule rule, ulong seed, int level, Tensor items, Tensor cursor, Tensor tokens)
    {
        int count = logits.Shape[1];
        for (int n = 0; n < logits.Shape[0]; n++)
        {
            double u = CounterRandom.Uniform(seed, Ints(items)[n], level, Ints(cursor)[1]);
            int drawn = TokenDraw.Draw(new ReadOnlySpan<float>(Floats(logits) + ((long)n * count), count), rule, u);
            Ints(tokens)[((long)n * tokens.Shape[1]) + Ints(cursor)[0]] = drawn;
        }
    }

    /// <inheritdoc/>
    public void Advance(Tensor cursor, int count)
    {
        Ints(cursor)[0] += count;
        Ints(cursor)[1] += count;
    }

    /// <inheritdoc/>
    public void Convert(Tensor x, Tensor y)
    {
        for (long i = 0; i < y.LengthElements; i++)
        {
            float value = At(x, i);
            switch (y.Type)
            {
                case ElementType.F32:
                    Floats(y)[i] = value;
                    break;
                case ElementType.F16:
                    ((Half*)Bytes(y))[i] = (Half)value;
                    break;
                case ElementType.BF16:
                    ((ushort*)Bytes(y))[i] = RoundToBFloat16(value);
                    break;
                default:
                    throw new ArgumentException($"cannot convert to {y.Type}");
            }
        }
    }

    /// <inheritdoc/>
    public void Copy(Tensor x, Tensor y) => Buffer.MemoryCopy(Bytes(x), Bytes(y), y.LengthBytes, x.LengthBytes);

    private static string NameOf(CpuInstructionSet instructionSet) => instructionSet switch
    {
        CpuInstructionSet.Avx512 => "AVX-512",
        CpuInstructionSet.Avx2 => "AVX2",
        _ => "portable vectors",
    };

    /// <summary>Takes the addresses of every operation's kernels for one instruction set.</summary>
    private void Bind<TSimd, TVector>()
        where TSimd : ISimd<TVector>
        where TVector : unmanaged
    {
        BindLinear<TSimd, TVector>();
        _layerNorm = &RowKernels<TSimd, TVector>.LayerNorm;
        _convolution = &ConvKernels<TSimd, TVector>.Run;
        _convolutionScratch = &ConvKernels<TSimd, TVector>.ScratchFloats;
        _packCodebook = &NearestCodeKernels<TSimd, TVector>.Pack;
        _nearestCode = &NearestCodeKernels<TSimd, TVector>.Search;
        _panelCodes = &NearestCodeKernels<TSimd, TVector>.PanelCodes;
        _nearestCodeScratch = &NearestCodeKernels<TSimd, TVector>.ScratchFloats;
    }

    private static ushort RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? (ushort)((bits >> 16) | 0x40) : (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static void Softmax(
        float* query, float* keys, VisibleKeys visible, int width, int start, int end, Span<float> weights)
    {
        float scale = 1 / MathF.Sqrt(end - start), max = visible.ZeroKeys > 0 ? 0 : float.NegativeInfinity;
        for (int i = 0; i < visible.Count; i++)
        {
            float dot = 0;
            for (int c = start; c < end; c++)
            {
                dot += query[c] * keys[((long)visible.Slot(i) * width) + c];
            }

            weights[i] = dot * scale;
            max = Math.Max(max, weights[i]);
        }

        float sum = visible.ZeroKeys * MathF.Exp(-max);
        for (int i = 0; i < visible.Count; i++)
        {
            weights[i] = MathF.Exp(weights[i] - max);
            sum += weights[i];
        }

        for (int i = 0; i < visible.Count; i++)
        {
            weights[i] /= sum;
        }
    }

    /// <summary>The tensor's values as singles: in place, or widened into <paramref name="room"/>.</summary>
    private static float* Widened(Tensor tensor, float* room)
    {
        if (tensor.Type == ElementType.F32)
        {
            return Floats(tensor);
        }

        for (long i = 0; i < tensor.LengthElements; i++)
        {
            room[i] = At(tensor, i);
        }

        return room;
    }

    private static float At(Tensor tensor, long index) => tensor.Type switch
    {
        ElementType.F32 => ((float*)Bytes(tensor))[index],
        ElementType.F16 => (float)((Half*)Bytes(tensor))[index],
        ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)((ushort*)Bytes(tensor))[index] << 16),
        _ => throw new ArgumentException($"cannot compute with {tensor.Type}"),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* Bytes(Tensor tensor) => ((CpuBuffer)tensor.Buffer).Pointer + tensor.OffsetBytes;

    private static float* Floats(Tensor tensor) => tensor.Type == ElementType.F32
        ? (float*)Bytes(tensor)
        : throw new ArgumentException($"expected F32, got {tensor}");

    private static int* Ints(Tensor tensor) => tensor.Type == ElementType.I32
        ? (int*)Bytes(tensor)
        : throw new ArgumentException($"expected I32, got {tensor}");
}
