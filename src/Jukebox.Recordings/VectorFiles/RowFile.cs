using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Jukebox.Core.Files;
using Jukebox.Recordings.Embeddings;

namespace Jukebox.Recordings.VectorFiles;

/// <summary>
/// The rows of one layer while they come, in a file that is numpy's array from its first byte on once its header is written: version 1.0, C order,
/// little-endian. The header has a length that holds any shape, so that rows need not be counted before they come.
/// </summary>
/// <param name="path">The file, which is replaced.</param>
/// <param name="type">Storage of a number.</param>
/// <param name="width">Numbers of a row.</param>
internal sealed class RowFile(string path, EmbeddingType type, int width) : IDisposable
{
    /// <summary>Bytes before the first row: a multiple of 64, as the format asks.</summary>
    public const int HeaderBytes = 128;

    private readonly DurableStream _stream = Begin(path);
    private readonly byte[] _row = new byte[width * BytesOf(type)];

    /// <summary>The file.</summary>
    public string Path => path;

    /// <summary>Rows so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Time of each row, in seconds.</summary>
    public List<double> Seconds { get; } = [];

    /// <summary>Whether a row held a number that is not finite, as it is stored.</summary>
    public bool HasOtherThanNumbers { get; private set; }

    /// <summary>Bytes of a number.</summary>
    public static int BytesOf(EmbeddingType type) => type == EmbeddingType.F16 ? 2 : 4;

    /// <summary>Appends a row.</summary>
    public void Add(double seconds, ReadOnlySpan<float> row)
    {
        if (type == EmbeddingType.F32)
        {
            MemoryMarshal.AsBytes(row).CopyTo(_row);
        }

        for (int i = 0; i < row.Length; i++)
        {
            var half = (Half)row[i];
            HasOtherThanNumbers |= type == EmbeddingType.F32 ? !float.IsFinite(row[i]) : !Half.IsFinite(half);
            if (type == EmbeddingType.F16)
            {
                BinaryPrimitives.WriteHalfLittleEndian(_row.AsSpan(2 * i), half);
            }
        }

        _stream.Write(_row);
        Seconds.Add(seconds);
        Rows++;
    }

    /// <summary>Writes the header and waits until everything is on the disk.</summary>
    /// <param name="isVector">Whether the one row is an array of one dimension.</param>
    public void Complete(bool isVector)
    {
        _stream.Position = 0;
        _stream.Write(Header(type == EmbeddingType.F32 ? "<f4" : "<f2", isVector ? [width] : [Rows, width]));
        _stream.FlushToDisk();
        _stream.Dispose();
    }

    /// <summary>Closes it; what is not complete is deleted.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        File.Delete(path);
    }

    /// <summary>The first bytes of numpy's array.</summary>
    public static byte[] Header(string description, long[] shape)
    {
        string extents = string.Join(", ", shape.Select(extent => extent.ToString(CultureInfo.InvariantCulture))) + (shape.Length == 1 ? "," : "");
        string text = $"{{'descr': '{description}', 'fortran_order': False, 'shape': ({extents}), }}";
        var header = new byte[HeaderBytes];
        header.AsSpan().Fill((byte)' ');
        header[0] = 0x93;
        "NUMPY\u0001\0"u8.CopyTo(header.AsSpan(1));
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), HeaderBytes - 10);
        Encoding.ASCII.GetBytes(text, header.AsSpan(10));
        header[^1] = (byte)'\n';
        return header;
    }

    private static DurableStream Begin(string path)
    {
        var stream = new DurableStream(path, FileMode.Create);
        stream.Write(new byte[HeaderBytes]);
        return stream;
    }
}
