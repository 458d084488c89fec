using System.Runtime.InteropServices;
using Jukebox.Core.Files;
using Jukebox.Core.Randomness;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Format;

/// <summary>
/// Writes model folders of random weights: for benchmarks at published shapes, and for a model that makes noise. Scales
/// are such that activations stay of order one and logits spread, at any width, over a hundred layers.
/// </summary>
public static class RandomModel
{
    /// <summary>How the origin of every such model begins.</summary>
    public const string OriginPrefix = "random weights";

    private const int PieceElements = 1 << 16;
    private const int PiecesPerBatch = 64;

    /// <summary>Writes <c>model.json</c> and every weight file of a description, streaming, on all cores.</summary>
    /// <param name="folder">Made if it is not there; files in it must not be.</param>
    /// <param name="description">The model; its licence, origin and files are replaced.</param>
    /// <param name="seed">The same seed gives the same weights on every machine.</param>
    /// <param name="type">Storage of the priors' matrices: F32, F16 or BF16.</param>
    /// <returns>The description as written.</returns>
    /// <exception cref="IOException">A file exists or cannot be written.</exception>
    public static ModelDescription Write(string folder, ModelDescription description, ulong seed, ElementType type)
    {
        Directory.CreateDirectory(folder);
        var files = new SortedDictionary<string, FileDigest>(StringComparer.Ordinal)
        {
            [ModelDescription.VqVaeFileName] = WriteFile(
                Path.Combine(folder, ModelDescription.VqVaeFileName), TensorTable.Of(description.VqVae), seed, 0, ElementType.F32),
        };
        foreach (PriorSpec prior in description.Priors)
        {
            string name = ModelDescription.PriorFileName(prior.Level);
            files[name] = WriteFile(
                Path.Combine(folder, name), TensorTable.Of(prior, description.VqVae), seed, prior.Level + 1, type);
        }

        ModelDescription written = description with
        {
            Origin = $"{OriginPrefix}, seed {seed}",
            Licence = "MIT",
            Files = files,
        };
        written.Write(folder);
        return written;
    }

    /// <summary>One weight file of random values.</summary>
    /// <param name="path">The file, which must not exist.</param>
    /// <param name="table">Its tensors.</param>
    /// <param name="seed">Seed of the model.</param>
    /// <param name="part">Number of the file within the model: files of one seed differ.</param>
    /// <param name="type">Storage of the tensors that may be narrow.</param>
    public static FileDigest WriteFile(string path, IReadOnlyList<TensorEntry> table, ulong seed, int part, ElementType type)
    {
        Dictionary<string, int> indices = table.Select((entry, index) => (entry.Name, index)).ToDictionary(pair => pair.Name, pair => pair.index);
        using var writer = new SafetensorsWriter(
            path, table.Select(entry => new TensorLayout(entry.Name, entry.MayBeNarrow ? type : ElementType.F32, entry.StoredShape)));
        var batch = new byte[PiecesPerBatch * PieceElements * sizeof(float)];
        foreach (TensorLayout tensor in writer.Tensors)
        {
            int index = indices[tensor.Name];
            WriteTensor(writer, batch, tensor, DistributionOf(table[index]), seed, ((uint)part << 24) | (uint)index);
        }

        return writer.Complete();
    }

    private static void WriteTensor(SafetensorsWriter writer, byte[] batch, TensorLayout tensor, Distribution distribution, ulong seed, uint stream)
    {
        int elementBytes = tensor.Type.LengthBytes();
        long total = tensor.Shape.LengthElements;
        for (long start = 0; start < total; start += (long)PieceElements * PiecesPerBatch)
        {
            int count = (int)Math.Min((long)PieceElements * PiecesPerBatch, total - start);
            int pieces = (count + PieceElements - 1) / PieceElements;
            Parallel.For(0, pieces, piece =>
            {
                int first = piece * PieceElements;
                int length = Math.Min(PieceElements, count - first);
                Fill(batch.AsSpan(first * elementBytes, length * elementBytes), tensor.Type, distribution, seed, stream, start + first);
            });
            writer.Append(batch.AsSpan(0, count * elementBytes));
        }
    }

    /// <summary>Uniform values: as good as normal ones for this purpose, and several times faster.</summary>
    private static void Fill(Span<byte> destination, ElementType type, Distribution distribution, ulong seed, uint stream, long firstElement)
    {
        int count = destination.Length / type.LengthBytes();
        Span<uint> draws = stackalloc uint[4];
        for (int i = 0; i < count; i += 4)
        {
            // Pieces start at multiples of four, so that a counter's four numbers are never split between two of them.
            ulong counter = (ulong)(firstElement + i) / 4;
            (draws[0], draws[1], draws[2], draws[3]) = CounterRandom.Philox(
                (uint)counter, (uint)(counter >> 32), stream, 0x52414E44, (uint)seed, (uint)(seed >> 32));
            for (int j = 0; j < 4 && i + j < count; j++)
            {
                float unit = (draws[j] >> 8) * (2f / (1 << 24)) - 1f;
                Store(destination, i + j, type, distribution.Mean + (distribution.HalfWidth * unit));
            }
        }
    }

    private static void Store(Span<byte> destination, int index, ElementType type, float value)
    {
        switch (type)
        {
            case ElementType.F32:
                MemoryMarshal.Cast<byte, float>(destination)[index] = value;
                break;
            case ElementType.F16:
                MemoryMarshal.Cast<byte, Half>(destination)[index] = (Half)value;
                break;
            case ElementType.BF16:
                MemoryMarshal.Cast<byte, ushort>(destination)[index] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(type), type, "weights are stored as F32, F16 or BF16");
        }
    }

    /// <summary>
    /// Weights by the inputs of one output, so that an output is about as large as an input; residual branches smaller,
    /// so that hundreds of them add up to order ten; embeddings so that tied logits spread by a few units.
    /// </summary>
    private static Distribution DistributionOf(TensorEntry entry)
    {
        Shape shape = entry.StoredShape;
        bool isBias = shape.Rank == 1 && (entry.Name.EndsWith(".b", StringComparison.Ordinal) || entry.Name.EndsWith(".bias", StringComparison.Ordinal));
        if (shape.Rank == 1)
        {
            return isBias ? Distribution.Of(0, 0.02) : Distribution.Of(1, 0.05);
        }

        bool isResidualEnd = entry.Name.EndsWith(".c_proj.w", StringComparison.Ordinal) || entry.Name.EndsWith(".model.3.weight", StringComparison.Ordinal);
        return entry.Role switch
        {
            TensorRole.Linear => Distribution.Of(0, (isResidualEnd ? 0.5 : 0.9) / Math.Sqrt(shape[0])),
            TensorRole.Convolution => Distribution.Of(0, (isResidualEnd ? 0.3 : 1.2) / Math.Sqrt((double)shape[0] * shape[1])),
            TensorRole.TransposedConvolution => Distribution.Of(0, 1 / Math.Sqrt((double)shape[0] * shape[1] / 2)),
            _ when VqVaeTensorNames.IsCodebook(entry.Name) => Distribution.Of(0, 0.3),
            _ => Distribution.Of(0, 1 / Math.Sqrt(shape[1])),
        };
    }

    /// <summary>A uniform distribution around a mean.</summary>
    private readonly record struct Distribution(float Mean, float HalfWidth)
    {
        public static Distribution Of(double mean, double standardDeviation) => new((float)mean, (float)(standardDeviation * Math.Sqrt(3)));
    }
}
