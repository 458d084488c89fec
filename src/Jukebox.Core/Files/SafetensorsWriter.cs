using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.Json;
using Jukebox.Core.Tensors;

namespace Jukebox.Core.Files;

/// <summary>One tensor that a safetensors file is to hold.</summary>
/// <param name="Name">Name within the file.</param>
/// <param name="Type">Storage of one element.</param>
/// <param name="Shape">Extents.</param>
public sealed record TensorLayout(string Name, ElementType Type, Shape Shape)
{
    /// <summary>Bytes of data.</summary>
    public long LengthBytes => Shape.LengthElements * Type.LengthBytes();
}

/// <summary>
/// Writes a safetensors file front to back without holding a tensor in memory. The data starts at a multiple of 64
/// bytes, and tensors whose length is a multiple of 64 come first, so that they can be used where they are mapped.
/// There are no gaps: every reader of the format accepts the file.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    private const int AlignmentBytes = 64;
    private readonly DurableStream _stream;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly long _dataLengthBytes;
    private long _writtenBytes;

    /// <summary>Creates the file, which must not exist, and writes its header.</summary>
    /// <exception cref="IOException">The file exists or cannot be written.</exception>
    public SafetensorsWriter(string path, IEnumerable<TensorLayout> tensors, IEnumerable<KeyValuePair<string, string>>? metadata = null)
    {
        Tensors = [.. tensors.OrderByDescending(t => AlignmentOf(t.LengthBytes))];
        _dataLengthBytes = Tensors.Sum(t => t.LengthBytes);
        byte[] header = Header(metadata ?? []);
        _stream = new DurableStream(path, FileMode.CreateNew);
        Emit(header);
    }

    /// <summary>The tensors in the order in which their data must be appended.</summary>
    public IReadOnlyList<TensorLayout> Tensors { get; }

    /// <summary>Appends data of the tensors in the order of <see cref="Tensors"/>, in pieces of any length.</summary>
    /// <exception cref="InvalidOperationException">More than the tensors need.</exception>
    public void Append(ReadOnlySpan<byte> data)
    {
        _writtenBytes += data.Length;
        if (_writtenBytes > _dataLengthBytes)
        {
            throw new InvalidOperationException($"{_writtenBytes} bytes were appended, the tensors have {_dataLengthBytes}");
        }

        Emit(data);
    }

    /// <summary>Flushes to the disk and returns length and SHA-256 of the whole file.</summary>
    /// <exception cref="InvalidOperationException">Data is missing.</exception>
    public FileDigest Complete()
    {
        if (_writtenBytes != _dataLengthBytes)
        {
            throw new InvalidOperationException($"{_writtenBytes} bytes were appended, the tensors have {_dataLengthBytes}");
        }

        _stream.FlushToDisk();
        return new FileDigest(_stream.Length, Convert.ToHexStringLower(_hash.GetHashAndReset()));
    }

    /// <summary>Closes the file, complete or not.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    /// <summary>The largest power of two, up to 64, that divides a length.</summary>
    private static int AlignmentOf(long lengthBytes) => 1 << Math.Min(BitOperations.TrailingZeroCount(lengthBytes | AlignmentBytes), 6);

    private void Emit(ReadOnlySpan<byte> bytes)
    {
        _stream.Write(bytes);
        _hash.AppendData(bytes);
    }

    /// <summary>Length, JSON, and spaces up to the next multiple of 64.</summary>
    private byte[] Header(IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            foreach ((string key, string value) in metadata.Prepend(new("format", "pt")))
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
            long offsetBytes = 0;
            foreach (TensorLayout tensor in Tensors)
            {
                WriteEntry(json, tensor, offsetBytes);
                offsetBytes += tensor.LengthBytes;
            }

            json.WriteEndObject();
        }

        int paddedBytes = ((8 + buffer.WrittenCount + AlignmentBytes - 1) / AlignmentBytes * AlignmentBytes) - 8;
        var header = new byte[8 + paddedBytes];
        header.AsSpan().Fill((byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(header, paddedBytes);
        buffer.WrittenSpan.CopyTo(header.AsSpan(8));
        return header;
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorLayout tensor, long offsetBytes)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.ToString());
        json.WriteStartArray("shape");
        for (int axis = 0; axis < tensor.Shape.Rank; axis++)
        {
            json.WriteNumberValue(tensor.Shape[axis]);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offsetBytes);
        json.WriteNumberValue(offsetBytes + tensor.LengthBytes);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
