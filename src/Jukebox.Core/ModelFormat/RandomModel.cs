using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Jukebox.Core.ModelFormat;

/// <summary>
/// Writes model folders of random weights: the tiny one that ships, and published shapes for measuring speed. The same
/// seed gives the same bytes on every machine.
/// </summary>
public static class RandomModel
{
    /// <summary>As the original initialises its transformers.</summary>
    private const float LinearScale = 0.02f;

    private const int BlockElements = 1 << 16;

    /// <summary>Writes a model folder.</summary>
    /// <param name="description">Hyperparameters; the digests are filled in.</param>
    /// <param name="folder">The folder, which is made; files in it must not exist yet.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <param name="storage">How matrices are stored; the VQ-VAE is always F32.</param>
    /// <param name="labelFiles">Label tables: path within the folder, and text.</param>
    /// <exception cref="IOException">A file exists or cannot be written.</exception>
    public static void Write(
        ModelDescription description, string folder, ulong seed, ElementType storage, IEnumerable<(string Path, string Text)>? labelFiles = null)
    {
        Directory.CreateDirectory(folder);
        var digests = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal)
        {
            [ModelDescription.VqVaeFileName] = WriteFile(
                Path.Combine(folder, ModelDescription.VqVaeFileName), TensorTable.Of(description.VqVae), ElementType.F32, seed),
        };
        foreach (PriorSpec prior in description.Priors)
        {
            string name = ModelDescription.PriorFileName(prior.Level);
            digests[name] = WriteFile(Path.Combine(folder, name), TensorTable.Of(prior, description.VqVae), storage, seed + 1 + (ulong)prior.Level);
        }

        foreach ((string path, string text) in labelFiles ?? [])
        {
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            File.WriteAllBytes(file, bytes);
            digests[path] = new FileDigest(bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }

        (description with { Files = digests }).Write(folder);
    }

    /// <summary>Bytes of the weight files that <see cref="Write"/> makes, but for their headers.</summary>
    public static long LengthBytes(ModelDescription description, ElementType storage) =>
        TensorTable.Of(description.VqVae).Sum(entry => entry.StoredShape.LengthElements * sizeof(float))
        + description.Priors.SelectMany(prior => TensorTable.Of(prior, description.VqVae))
            .Sum(entry => entry.StoredShape.LengthElements * TypeOf(entry, storage).LengthBytes());

    private static ElementType TypeOf(TensorEntry entry, ElementType storage) => entry.MayBeNarrow ? storage : ElementType.F32;

    private static FileDigest WriteFile(string path, IReadOnlyList<TensorEntry> table, ElementType storage, ulong seed)
    {
        Dictionary<string, TensorEntry> entries = table.ToDictionary(entry => entry.Name);
        using var writer = new SafetensorsWriter(path, table.Select(entry => new TensorLayout(entry.Name, TypeOf(entry, storage), entry.StoredShape)));
        var numbers = new UniformNumbers(seed);
        foreach (TensorLayout tensor in writer.Tensors)
        {
            WriteTensor(writer, tensor, ScaleOf(entries[tensor.Name]), IsGain(tensor) ? 1 : 0, numbers);
        }

        return writer.Complete();
    }

    /// <summary>Norms have the only one-dimensional weights.</summary>
    private static bool IsGain(TensorLayout tensor) => tensor.Shape.Rank == 1 && tensor.Name.EndsWith(".weight", StringComparison.Ordinal);

    /// <summary>Half the width of a tensor's distribution: gains are one and biases zero; convolutions keep a signal's loudness.</summary>
    private static float ScaleOf(TensorEntry entry) => entry switch
    {
        { StoredShape.Rank: 1 } => 0,
        { StoredShape.Rank: 3 } => MathF.Sqrt(3f / (entry.StoredShape[0] * entry.StoredShape[1])),
        _ when entry.Name.StartsWith("bottleneck.", StringComparison.Ordinal) => 1,
        _ => LinearScale,
    };

    private static void WriteTensor(SafetensorsWriter writer, TensorLayout tensor, float scale, float constant, UniformNumbers numbers)
    {
        var values = new float[BlockElements];
        for (long done = 0; done < tensor.Shape.LengthElements; done += BlockElements)
        {
            Span<float> block = values.AsSpan(0, (int)Math.Min(BlockElements, tensor.Shape.LengthElements - done));
            if (scale == 0)
            {
                block.Fill(constant);
            }
            else
            {
                numbers.Fill(block, scale);
            }

            Append(writer, tensor.Type, block);
        }
    }

    private static void Append(SafetensorsWriter writer, ElementType type, ReadOnlySpan<float> values)
    {
        if (type == ElementType.F32)
        {
            writer.Append(MemoryMarshal.AsBytes(values));
            return;
        }

        ushort[] narrow = ArrayPool<ushort>.Shared.Rent(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            // Truncation is as good as rounding for numbers that mean nothing.
            narrow[i] = type == ElementType.BF16
                ? (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16)
                : BitConverter.HalfToUInt16Bits((Half)values[i]);
        }

        writer.Append(MemoryMarshal.AsBytes(narrow.AsSpan(0, values.Length)));
        ArrayPool<ushort>.Shared.Return(narrow);
    }

    /// <summary>SplitMix64, two numbers of 24 bits from each step: exact arithmetic, so the same everywhere.</summary>
    private sealed class UniformNumbers(ulong seed)
    {
        private ulong _state = seed * 0x9E3779B97F4A7C15;

        public void Fill(Span<float> values, float scale)
        {
            float step = scale / (1 << 23);
            for (int i = 0; i < values.Length; i += 2)
            {
                ulong bits = Next();
                values[i] = ((int)(bits >> 40) - (1 << 23)) * step;
                if (i + 1 < values.Length)
                {
                    values[i + 1] = ((int)(bits & 0xFFFFFF) - (1 << 23)) * step;
                }
            }
        }

        private ulong Next()
        {
            _state += 0x9E3779B97F4A7C15;
            ulong mixed = _state;
            mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return mixed ^ (mixed >> 31);
        }
    }
}
