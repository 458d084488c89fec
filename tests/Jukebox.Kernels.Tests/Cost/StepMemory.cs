using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.PtxMachine.Parsing;

namespace Jukebox.Tests.Cost;

/// <summary>Weights and activations for costs and timings: real shapes, values of no meaning. Freed together.</summary>
/// <param name="backend">Whose memory.</param>
/// <param name="storage">How matrices, and so caches, are stored.</param>
public sealed class StepMemory(IBackend backend, ElementType storage) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>What the operations are issued on.</summary>
    public IBackend Backend => backend;

    /// <summary>How matrices, and so caches, are stored.</summary>
    public ElementType Storage => storage;

    /// <summary>A tensor of some values; what they are does not change a cost.</summary>
    public Tensor Tensor(ElementType type, params ReadOnlySpan<int> extents)
    {
        const int pieceBytes = 1 << 20;
        var shape = new Shape(extents);
        long lengthBytes = shape.LengthElements * type.LengthBytes();
        DeviceBuffer buffer = backend.Allocate(lengthBytes);
        _owned.Add(buffer);
        byte[] piece = Values(type, (int)Math.Min(pieceBytes, lengthBytes));
        for (long offset = 0; offset < lengthBytes; offset += piece.Length)
        {
            buffer.Upload(piece.AsSpan(0, (int)Math.Min(piece.Length, lengthBytes - offset)), offset);
        }

        return new Tensor(buffer, type, shape);
    }

    /// <summary>A packed linear layer with a bias.</summary>
    public PackedMatrix Linear(int inputs, int outputs, bool outputMajor = false)
    {
        PackedMatrix packed = backend.Pack(new LinearWeights(
            outputMajor ? Tensor(storage, outputs, inputs) : Tensor(storage, inputs, outputs), outputMajor ? null : Tensor(storage, outputs), outputMajor));
        _owned.Add(packed);
        return packed;
    }

    /// <inheritdoc/>
    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    /// <summary>Small numbers of either sign; integers are zero.</summary>
    private static byte[] Values(ElementType type, int lengthBytes)
    {
        var bytes = new byte[lengthBytes];
        var random = new Random(lengthBytes);
        for (int at = 0; at + type.LengthBytes() <= lengthBytes; at += type.LengthBytes())
        {
            float value = (random.NextSingle() - 0.5f) / 16;
            switch (type)
            {
                case ElementType.F32:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
                    break;
                case ElementType.F16:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), (Half)value);
                    break;
                case ElementType.BF16:
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
                    break;
            }
        }

        return bytes;
    }
}
