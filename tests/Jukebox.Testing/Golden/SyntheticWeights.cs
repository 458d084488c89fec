using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Testing.Golden;

/// <summary>
/// Weights and tokens as a pure function of their names: the formula with which the reference's outputs in the golden
/// vectors were made (FNV-1a of the name, then a bit mixer over the flat index).
/// </summary>
public static class SyntheticWeights
{
    /// <summary>Numbers in [−1, 1).</summary>
    public static float[] Uniform(string name, long count)
    {
        uint seed = Seed(name);
        var values = new float[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = ((Mix(seed, i) >> 8) / (float)(1 << 23)) - 1;
        }

        return values;
    }

    /// <summary>Tokens in [0, limit), row after row.</summary>
    public static int[][] Tokens(string name, int rows, int columns, int limit)
    {
        uint seed = Seed(name);
        var result = new int[rows][];
        for (int row = 0; row < rows; row++)
        {
            result[row] = new int[columns];
            for (int column = 0; column < columns; column++)
            {
                result[row][column] = (int)((Mix(seed, ((long)row * columns) + column) >> 8) % (uint)limit);
            }
        }

        return result;
    }

    /// <summary>A tensor as our weight file has it.</summary>
    public static float[] Stored(TensorEntry entry)
    {
        float[] values = Uniform(entry.Name, entry.CheckpointShape.LengthElements);
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Scale(entry, values[i]);
        }

        return entry.Role switch
        {
            TensorRole.Convolution => Repack(values, entry.CheckpointShape, inputMajor: false),
            TensorRole.TransposedConvolution => Repack(values, entry.CheckpointShape, inputMajor: true),
            _ => values,
        };
    }

    private static float Scale(TensorEntry entry, float u)
    {
        Shape shape = entry.CheckpointShape;
        if (entry.Name.EndsWith(".w", StringComparison.Ordinal))
        {
            return u * Half(shape[0]);
        }

        if (entry.Name.EndsWith(".b", StringComparison.Ordinal) || entry.Name.EndsWith(".bias", StringComparison.Ordinal))
        {
            return 0.0625f * u;
        }

        return shape.Rank switch
        {
            3 => u * Half(shape[1] * shape[2]) * (shape[2] == 4 ? 2 : 1),
            1 => 1 + (0.125f * u),
            _ => 0.5f * u,
        };
    }

    /// <summary>2^−⌊log₂(count) / 2⌋.</summary>
    private static float Half(int count) => MathF.ScaleB(1, -(BitOperations.Log2((uint)count) / 2));

    /// <summary>(Cout, Cin, taps) or (Cin, Cout, taps) to (taps, Cin, Cout).</summary>
    private static float[] Repack(float[] values, Shape shape, bool inputMajor)
    {
        int first = shape[0], second = shape[1], taps = shape[2];
        var result = new float[values.Length];
        for (int a = 0; a < first; a++)
        {
            for (int b = 0; b < second; b++)
            {
                for (int tap = 0; tap < taps; tap++)
                {
                    int row = (tap * (inputMajor ? first : second)) + (inputMajor ? a : b);
                    result[(row * (inputMajor ? second : first)) + (inputMajor ? b : a)] = values[(((a * second) + b) * taps) + tap];
                }
            }
        }

        return result;
    }

    private static uint Seed(string name)
    {
        uint hash = 2166136261;
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ b) * 16777619;
        }

        return hash;
    }

    private static uint Mix(uint seed, long index)
    {
        uint h = seed + ((uint)index * 0x9E3779B9);
        h = (h ^ (h >> 16)) * 0x85EBCA6B;
        h = (h ^ (h >> 13)) * 0xC2B2AE35;
        return h ^ (h >> 16);
    }
}

/// <summary>A model folder with synthetic weights in a temporary place.</summary>
public sealed class SyntheticModel : IDisposable
{
    private SyntheticModel(string folder) => Folder = folder;

    /// <summary>The folder; deleted on disposal.</summary>
    public string Folder { get; }

    /// <summary>Writes priors, their matrices in the given storage, rounded to the given precision before.</summary>
    public static SyntheticModel Create(
        VqVaeSpec vqvae, PriorSpec[] priors, ElementType storage = ElementType.F32, ElementType precision = ElementType.F32)
    {
        string folder = Directory.CreateTempSubdirectory("jukebox-synthetic-").FullName;
        var description = new ModelDescription
        {
            Format = ModelDescription.CurrentFormat,
            Name = "synthetic",
            SampleRateHz = 44100,
            VqVae = vqvae,
            Priors = priors,
            Defaults = [.. PublishedModels.DefaultsOf(vqvae.Levels)],
            Origin = "a formula",
            Licence = "none",
            Files = [],
        };
        foreach (PriorSpec prior in priors)
        {
            string name = ModelDescription.PriorFileName(prior.Level);
            description.Files[name] = WriteFile(Path.Combine(folder, name), TensorTable.Of(prior, vqvae), storage, precision);
        }

        description.Write(folder);
        return new SyntheticModel(folder);
    }

    /// <summary>Opens the folder.</summary>
    public ModelFolder Open() => ModelFolder.Open(Folder);

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Writes every tensor of a table, matrices in the given storage, rounded to the given precision before.</summary>
    public static FileDigest WriteFile(
        string path, IReadOnlyList<TensorEntry> table, ElementType storage = ElementType.F32, ElementType precision = ElementType.F32)
    {
        Dictionary<string, TensorEntry> entries = table.ToDictionary(entry => entry.Name);
        using var writer = new SafetensorsWriter(
            path, table.Select(entry => new TensorLayout(entry.Name, entry.MayBeNarrow ? storage : ElementType.F32, entry.StoredShape)));
        foreach (TensorLayout tensor in writer.Tensors)
        {
            float[] values = SyntheticWeights.Stored(entries[tensor.Name]);
            writer.Append(Encode(entries[tensor.Name].MayBeNarrow ? Array.ConvertAll(values, value => Round(value, precision)) : values, tensor.Type));
        }

        return writer.Complete();
    }

    private static ReadOnlySpan<byte> Encode(float[] values, ElementType type) => type switch
    {
        ElementType.F32 => MemoryMarshal.AsBytes<float>(values),
        ElementType.F16 => MemoryMarshal.AsBytes<Half>(Array.ConvertAll(values, value => (Half)value)),
        ElementType.BF16 => MemoryMarshal.AsBytes<ushort>(Array.ConvertAll(values, RoundToBFloat16)),
        _ => throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"weights are not stored as {type}")),
    };

    private static float Round(float value, ElementType precision) => precision switch
    {
        ElementType.F16 => (float)(Half)value,
        ElementType.BF16 => BitConverter.UInt32BitsToSingle((uint)RoundToBFloat16(value) << 16),
        _ => value,
    };

    private static ushort RoundToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
