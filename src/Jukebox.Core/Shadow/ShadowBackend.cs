using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Shadow;

/// <summary>Two backends disagree: the message names the operation, its shapes, and the worst element.</summary>
public sealed class ShadowMismatchException(string message) : JukeboxException(message);

/// <summary>
/// Runs every operation on two backends and compares what they wrote: the first operation that differs is named. Both
/// compute from the same inputs each time, because what the primary wrote is handed to the reference after every comparison; so
/// an error is seen where it is made, and roundings do not pile up. Slow; for finding faults on a device in the field.
/// </summary>
/// <remarks>
/// The primary's results are what the caller sees. Tensors that the primary stores in half the width are single precision on
/// the reference. Operations of a recording are issued one by one.
/// </remarks>
/// <param name="primary">Whose results are used; disposed with this.</param>
/// <param name="reference">What it is held against; disposed with this.</param>
/// <param name="tolerance">Allowed difference of an element, in parts of the largest magnitude of its tensor.</param>
public sealed partial class ShadowBackend(IBackend primary, IBackend reference, double tolerance = 0.01) : IBackend
{
    /// <inheritdoc/>
    public string Name => $"{primary.Name}, held against {reference.Name}";

    /// <inheritdoc/>
    public string Arithmetic => primary.Arithmetic;

    /// <inheritdoc/>
    public MemoryFacts? Memory => primary.Memory ?? reference.Memory;

    /// <inheritdoc/>
    public MachineLimits? MeasureLimits() => null;

    /// <summary>Operations compared so far.</summary>
    public long ComparedOperations { get; private set; }

    /// <inheritdoc/>
    public DeviceBuffer Allocate(long lengthBytes)
    {
        DeviceBuffer mine = primary.Allocate(lengthBytes);
        try
        {
            return new ShadowBuffer(mine, reference.Allocate(2 * lengthBytes), null); // halves become singles there
        }
        catch
        {
            mine.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Load(StoredTensor source)
    {
        Tensor mine = primary.Load(source);
        try
        {
            return Both(mine, reference.Load(source));
        }
        catch
        {
            mine.Buffer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public PackedMatrix Pack(in LinearWeights weights)
    {
        PackedMatrix mine = primary.Pack(Mine(weights));
        try
        {
            return new ShadowMatrix(mine, reference.Pack(Its(weights)));
        }
        catch
        {
            mine.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ElementType PackedType(ElementType stored) => primary.PackedType(stored);

    /// <inheritdoc/>
    public long PackedBytes(ElementType stored, int inputs, int outputs) => primary.PackedBytes(stored, inputs, outputs);

    /// <inheritdoc/>
    public ElementType CacheType(ElementType packed) => primary.CacheType(packed);

    /// <inheritdoc/>
    public Recording Record(Action operations) => new Sequence(operations);

    /// <inheritdoc/>
    public void Synchronize()
    {
        primary.Synchronize();
        reference.Synchronize();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        primary.Dispose();
        reference.Dispose();
    }

    private static Tensor Both(Tensor mine, Tensor its) =>
        mine with { Buffer = new ShadowBuffer(mine.Buffer, its.Buffer, its.Type) };

    private static (PackedMatrix Primary, PackedMatrix Reference) Parts(PackedMatrix matrix) => matrix is ShadowMatrix pair
        ? (pair.Primary, pair.Reference)
        : throw new ArgumentException($"the matrix {matrix} was not packed here", nameof(matrix));

    private static Tensor Mine(Tensor tensor) => tensor with { Buffer = ((ShadowBuffer)tensor.Buffer).Primary };

    private static Tensor Its(Tensor tensor)
    {
        var buffer = (ShadowBuffer)tensor.Buffer;
        ElementType type = buffer.ReferenceType ?? (tensor.Type is ElementType.F16 or ElementType.BF16 ? ElementType.F32 : tensor.Type);
        return tensor with { Buffer = buffer.Reference, Type = type };
    }

    private static Tensor? Mine(Tensor? tensor) => tensor is { } given ? Mine(given) : null;

    private static Tensor? Its(Tensor? tensor) => tensor is { } given ? Its(given) : null;

    private static LinearWeights Mine(in LinearWeights weights) => weights with { Weight = Mine(weights.Weight), Bias = Mine(weights.Bias) };

    private static LinearWeights Its(in LinearWeights weights) => weights with { Weight = Its(weights.Weight), Bias = Its(weights.Bias) };

    private static ConvWeights Mine(in ConvWeights weights) => new(Mine(weights.Weight), Mine(weights.Bias));

    private static ConvWeights Its(in ConvWeights weights) => new(Its(weights.Weight), Its(weights.Bias));

    private static LayerNormWeights Mine(in LayerNormWeights weights) => new(Mine(weights.Gain), Mine(weights.Bias));

    private static LayerNormWeights Its(in LayerNormWeights weights) => new(Its(weights.Gain), Its(weights.Bias));

    /// <summary>Compares all of a result, then lets the reference go on with the primary's.</summary>
    private void Compare(string operation, Tensor y) => CompareColumns(operation, y, y.Shape[-1]);

    /// <summary>The same for the first columns of each row; the others are undefined and only handed over.</summary>
    private void CompareColumns(string operation, Tensor y, int columns)
    {
        ComparedOperations++;
        if (y.LengthElements == 0)
        {
            return;
        }

        double[] actual = Values(Mine(y)), expected = Values(Its(y));
        int width = y.Shape[-1], wrong = 0, worst = -1;
        double scale = 0, worstError = -1;
        for (int i = 0; i < expected.Length; i++)
        {
            scale = i % width < columns ? Math.Max(scale, Math.Abs(expected[i])) : scale;
        }

        bool exact = y.Type is ElementType.I32;
        for (int i = 0; i < expected.Length; i++)
        {
            double error = actual[i] == expected[i] ? 0 : Math.Abs(actual[i] - expected[i]);
            if (i % width < columns && !(error <= (exact ? 0 : tolerance * scale)))
            {
                wrong++;
                if (!(error <= worstError))
                {
                    (worst, worstError) = (i, error);
                }
            }
        }

        if (wrong > 0)
        {
            throw new ShadowMismatchException(string.Create(
                CultureInfo.InvariantCulture,
                $"operation {ComparedOperations}, {operation}, differs between {primary.Name} and {reference.Name}: {wrong} of {actual.Length} elements of {y}, "
                + $"worst at row {worst / width}, column {worst % width}: {actual[worst]:G9} instead of {expected[worst]:G9} (largest magnitude {scale:G4}, tolerance {tolerance:G3})"));
        }

        HandOver(actual, Its(y));
    }

    private static double[] Values(Tensor tensor) => tensor.Type switch
    {
        ElementType.F32 => Array.ConvertAll(tensor.ToArray<float>(), value => (double)value),
        ElementType.F16 => Array.ConvertAll(tensor.ToArray<Half>(), value => (double)value),
        ElementType.BF16 => Array.ConvertAll(tensor.ToArray<ushort>(), value => (double)BitConverter.UInt32BitsToSingle((uint)value << 16)),
        _ => Array.ConvertAll(tensor.ToArray<int>(), value => (double)value),
    };

    private static void HandOver(double[] values, Tensor target)
    {
        if (target.Type == ElementType.I32)
        {
            target.Upload<int>(Array.ConvertAll(values, value => (int)value));
        }
        else
        {
            target.Upload<float>(Array.ConvertAll(values, value => (float)value));
        }
    }

    /// <summary>The rows of keys and values that were just appended.</summary>
    private void CompareAppended(string operation, Tensor keys, Tensor values, in AttentionPattern pattern, Tensor cursor, int count)
    {
        int position = Its(cursor).ToArray<int>()[0];
        for (int n = 0; n < keys.Shape[0]; n++)
        {
            for (int t = 0; t < count; t++)
            {
                int slot = pattern.Slot(position + t);
                if (slot >= 0)
                {
                    Compare(operation, Row(keys, n, slot));
                    Compare(operation, Row(values, n, slot));
                }
            }
        }
    }

    /// <summary>One row of (N, L, S), as (1, S).</summary>
    private static Tensor Row(Tensor cache, int n, int slot) =>
        cache.Slice(n, 1).Reshape(cache.Shape[1], cache.Shape[2]).Slice(slot, 1);

    private sealed class Sequence(Action operations) : Recording
    {
        public override void Replay() => operations();

        public override void Dispose()
        {
        }
    }

    /// <summary>A matrix packed for each device.</summary>
    private sealed class ShadowMatrix(PackedMatrix primary, PackedMatrix reference)
        : PackedMatrix(primary.InputWidth, primary.OutputWidth, primary.Type)
    {
        public PackedMatrix Primary => primary;

        public PackedMatrix Reference => reference;

        public override string Layout => $"{primary.Layout}, held against {reference.Layout}";

        public override long LengthBytes => primary.LengthBytes;

        protected override void Free()
        {
            primary.Dispose();
            reference.Dispose();
        }
    }

    /// <summary>One buffer on each device. <see cref="ReferenceType"/> is how a loaded tensor is stored on the reference.</summary>
    private sealed class ShadowBuffer(DeviceBuffer primary, DeviceBuffer reference, ElementType? referenceType) : DeviceBuffer
    {
        public DeviceBuffer Primary => primary;

        public DeviceBuffer Reference => reference;

        public ElementType? ReferenceType => referenceType;

        public override long LengthBytes => Primary.LengthBytes;

        public override void Upload(ReadOnlySpan<byte> source, long offsetBytes)
        {
            Primary.Upload(source, offsetBytes);
            Reference.Upload(source, offsetBytes);
        }

        public override void Download(Span<byte> destination, long offsetBytes) => Primary.Download(destination, offsetBytes);

        public override void Fill(byte value)
        {
            Primary.Fill(value);
            Reference.Fill(value);
        }

        public override void Dispose()
        {
            primary.Dispose();
            reference.Dispose();
        }
    }
}
