using System.Globalization;
using System.Text;
using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Xunit;

namespace Jukebox.Testing;

/// <summary>
/// Runs one operation on one backend as a model would, with traps around it: every tensor sits between guard bytes,
/// outputs start as NaN, and values are compared so that a NaN fails and an infinity matches only itself.
/// Dispose it at the end of the test: that is when the guards are checked.
/// </summary>
public sealed class OpContract(IBackend backend, ulong seed) : IDisposable
{
    private const int GuardBytes = 256;
    private const byte GuardValue = 0xA5;

    private readonly List<(DeviceBuffer Buffer, long LengthBytes)> _buffers = [];
    private readonly List<DeviceBuffer> _loaded = [];
    private readonly List<WeightFile> _files = [];

    /// <summary>Backend under test.</summary>
    public IBackend Backend { get; } = backend;

    /// <summary>Inputs come from here; the seed is part of every failure message.</summary>
    public TestRandom Random { get; } = new(seed);

    /// <summary>A tensor holding the given values, rounded to the storage type.</summary>
    public Tensor Input(ElementType type, ReadOnlySpan<float> values, params ReadOnlySpan<int> extents)
    {
        Tensor tensor = Guarded(type, extents);
        switch (type)
        {
            case ElementType.F32:
                tensor.Upload(values);
                break;
            case ElementType.F16:
                tensor.Upload<Half>(Array.ConvertAll(values.ToArray(), v => (Half)v));
                break;
            case ElementType.BF16:
                tensor.Upload<ushort>(Array.ConvertAll(values.ToArray(), ToBFloat16));
                break;
            default:
                throw new ArgumentException($"{type} is not a floating-point type");
        }

        return tensor;
    }

    /// <summary>
    /// The same values loaded from a file that puts them at an odd address, as a hostile one may.
    /// </summary>
    public Tensor LoadedFromOddAddress(Tensor tensor)
    {
        var bytes = new byte[tensor.LengthBytes];
        tensor.Buffer.Download(bytes, tensor.OffsetBytes);
        string extents = string.Join(",", Enumerable.Range(0, tensor.Shape.Rank).Select(axis => tensor.Shape[axis]));
        string header = $$"""{"w":{"dtype":"{{tensor.Type}}","shape":[{{extents}}],"data_offsets":[0,{{bytes.Length}}]} }""";
        header = header.PadRight(header.Length | 1);
        string path = Path.GetTempFileName();
        using (var stream = new BinaryWriter(File.Create(path)))
        {
            stream.Write((long)header.Length);
            stream.Write(Encoding.UTF8.GetBytes(header));
            stream.Write(bytes);
        }

        var file = WeightFile.Open(path);
        _files.Add(file);
        Tensor loaded = Backend.Load(file["w"]);
        _loaded.Add(loaded.Buffer);
        return loaded;
    }

    /// <summary>A tensor of integers.</summary>
    public Tensor Input(ReadOnlySpan<int> values, params ReadOnlySpan<int> extents)
    {
        Tensor tensor = Guarded(ElementType.I32, extents);
        tensor.Upload(values);
        return tensor;
    }

    /// <summary>A cursor at the given position; its song index is offset so that mixing them up shows.</summary>
    public Tensor Cursor(int position) => Input([position, position + 1000], 2);

    /// <summary>An output, poisoned with NaN (or with a negative number for integers).</summary>
    public Tensor Output(ElementType type, params ReadOnlySpan<int> extents)
    {
        Tensor tensor = Guarded(type, extents);
        tensor.Upload(Filled(tensor.LengthBytes, 0xFF));
        return tensor;
    }

    /// <summary>A value as a storage type has it.</summary>
    public static double Rounded(ElementType type, float value) => type switch
    {
        ElementType.F16 => (double)(Half)value,
        ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)ToBFloat16(value) << 16),
        _ => value,
    };

    /// <summary>Values as stored: what a reference must compute with.</summary>
    public static double[] Stored(Tensor tensor) => tensor.Type switch
    {
        ElementType.F32 => Array.ConvertAll(tensor.ToArray<float>(), v => (double)v),
        ElementType.F16 => Array.ConvertAll(tensor.ToArray<Half>(), v => (double)v),
        ElementType.BF16 => Array.ConvertAll(tensor.ToArray<ushort>(), v => (double)BitConverter.UInt32BitsToSingle((uint)v << 16)),
        _ => Array.ConvertAll(tensor.ToArray<int>(), v => (double)v),
    };

    /// <summary>Values as a type would store them.</summary>
    public static float[] Rounded(ReadOnlySpan<float> values, ElementType type)
    {
        float[] rounded = values.ToArray();
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = type switch
            {
                ElementType.F16 => (float)(Half)rounded[i],
                ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)ToBFloat16(rounded[i]) << 16),
                _ => rounded[i],
            };
        }

        return rounded;
    }

    /// <summary>
    /// Values of a tensor as another type would store them: what a reference must compute with where a backend packs them so.
    /// </summary>
    public static double[] StoredAs(Tensor tensor, ElementType type) =>
        Array.ConvertAll(Rounded(Array.ConvertAll(Stored(tensor), v => (float)v), type), v => (double)v);

    /// <summary>What a tensor holds, if there is one, plus what is added to it.</summary>
    public static double[] Plus(Tensor? before, double[] added)
    {
        double[] sums = before is { } tensor ? Stored(tensor) : new double[added.Length];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += added[i];
        }

        return sums;
    }

    /// <summary>
    /// Compares an output with its reference: |actual − expected| ≤ tolerance · max(1, |expected|).
    /// Reports how many are wrong, the worst, and the first five.
    /// </summary>
    public void Matches(Tensor actual, ReadOnlySpan<double> expected, double tolerance)
    {
        Backend.Synchronize();
        double[] values = Stored(actual);
        Assert.Equal(expected.Length, values.Length);
        var wrong = new StringBuilder();
        int count = 0, worst = -1;
        double worstError = -1;
        for (int i = 0; i < values.Length; i++)
        {
            bool equal = double.IsInfinity(expected[i]) && expected[i] == values[i];
            double error = equal ? 0 : Math.Abs(values[i] - expected[i]) / Math.Max(1, Math.Abs(expected[i]));
            if (!(error <= tolerance))
            {
                count++;
                if (count <= 5)
                {
                    wrong.Append(CultureInfo.InvariantCulture, $"\n  [{Index(actual.Shape, i)}] expected {expected[i]:G9}, got {values[i]:G9}");
                }

                if (!(error <= worstError))
                {
                    (worst, worstError) = (i, error);
                }
            }
        }

        Assert.True(
            count == 0,
            $"{Backend.Name}, seed {seed}: {count} of {values.Length} wrong beyond {tolerance:G3}; worst {worstError:G3} at "
            + $"[{(worst < 0 ? "" : Index(actual.Shape, worst))}]; first:{wrong}");
    }

    /// <summary>Checks every guard and frees everything.</summary>
    public void Dispose()
    {
        Backend.Synchronize();
        _loaded.ForEach(buffer => buffer.Dispose());
        foreach (WeightFile file in _files)
        {
            file.Dispose();
            File.Delete(file.Path);
        }

        var guard = new byte[GuardBytes];
        foreach ((DeviceBuffer buffer, long lengthBytes) in _buffers)
        {
            foreach (long offset in (ReadOnlySpan<long>)[0, GuardBytes + lengthBytes])
            {
                buffer.Download(guard, offset);
                Assert.True(
                    !guard.AsSpan().ContainsAnyExcept(GuardValue),
                    $"{Backend.Name}, seed {seed}: wrote outside a tensor of {lengthBytes} bytes, {(offset == 0 ? "before" : "after")} it");
            }

            buffer.Dispose();
        }
    }

    private static byte[] Filled(long lengthBytes, byte value)
    {
        var bytes = new byte[lengthBytes];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    private static string Index(Shape shape, int flat)
    {
        var parts = new int[shape.Rank];
        for (int axis = shape.Rank - 1; axis >= 0; axis--)
        {
            parts[axis] = flat % shape[axis];
            flat /= shape[axis];
        }

        return string.Join(", ", parts);
    }

    private Tensor Guarded(ElementType type, ReadOnlySpan<int> extents)
    {
        var shape = new Shape(extents);
        long lengthBytes = shape.LengthElements * type.LengthBytes();
        DeviceBuffer buffer = Backend.Allocate(lengthBytes + (2 * GuardBytes));
        buffer.Fill(GuardValue);
        _buffers.Add((buffer, lengthBytes));
        return new Tensor(buffer, type, shape, GuardBytes / type.LengthBytes());
    }
}
