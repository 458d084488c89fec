using Microsoft.Win32.SafeHandles;

namespace Jukebox.Songs.Journal;

/// <summary>What a journal file holds, read record by record up to the first that is not whole.</summary>
public sealed class JournalContent
{
    private const int BufferBytes = 1 << 20;
    private const int LongestRecordBytes = JournalFormat.RecordOverheadBytes + (2 * JournalFormat.MaxCount);

    private readonly JournalHeader _header;
    private readonly List<int>[] _codes; // by row, raw

    private JournalContent(JournalHeader header)
    {
        _header = header;
        _codes = [.. header.Items.Select(_ => new List<int>())];
    }

    /// <summary>Raw codes of each row; negative ones are lyric tokens.</summary>
    public IReadOnlyList<List<int>> Rows => _codes;

    /// <summary>Bytes of header and whole records.</summary>
    public long WholeBytes { get; private set; }

    /// <summary>Whether sound records follow the first one that is not: damage in the middle, not a torn tail.</summary>
    public bool DamagedInside { get; private set; }

    /// <summary>Whether the header is the expected one with a part of it damaged (<see cref="WholeBytes"/> is then the first byte that differs).</summary>
    public bool DamagedHeader { get; private set; }

    /// <summary>Whether the header is not the expected one at all: the codes are of another level, song or model, or of no journal.</summary>
    public bool IsForeign { get; private set; }

    /// <summary>Reads a journal. A file that ends within the header counts as an empty journal.</summary>
    /// <param name="handle">The file, open for reading.</param>
    /// <param name="header">What the header must say.</param>
    public static JournalContent Read(SafeFileHandle handle, JournalHeader header)
    {
        var content = new JournalContent(header);
        byte[] expected = JournalFormat.Header(header);
        var actual = new byte[expected.Length];
        int read = ReadFully(handle, actual, 0);
        int same = expected.AsSpan().CommonPrefixLength(actual.AsSpan(0, read));
        if (same < read)
        {
            content.DamagedHeader = JournalFormat.IsDamaged(actual.AsSpan(0, read), expected);
            content.IsForeign = !content.DamagedHeader;
            content.WholeBytes = same;
            return content;
        }

        if (read < expected.Length)
        {
            return content;
        }

        content.WholeBytes = expected.Length;
        content.ReadRecords(handle);
        return content;
    }

    private void ReadRecords(SafeFileHandle handle)
    {
        var buffer = new byte[BufferBytes];
        long end = RandomAccess.GetLength(handle);
        while (WholeBytes < end)
        {
            int read = ReadFully(handle, buffer, WholeBytes);
            int used = TakeRecords(buffer.AsSpan(0, read), atEnd: WholeBytes + read >= end, out bool stopped);
            WholeBytes += used;
            if (stopped || used == 0)
            {
                break;
            }
        }

        DamagedInside = WholeBytes < end && FindsRecordAfter(handle, buffer, WholeBytes + 1, end);
    }

    /// <summary>Takes whole records; leaves the last stretch for the next buffer unless it is the file's end.</summary>
    private int TakeRecords(ReadOnlySpan<byte> bytes, bool atEnd, out bool stopped)
    {
        int at = 0;
        stopped = false;
        while (at < bytes.Length && (atEnd || bytes.Length - at >= LongestRecordBytes))
        {
            int length = JournalFormat.RecordLength(bytes[at..]);
            if (length == 0 || !TryTake(bytes.Slice(at, length)))
            {
                stopped = true;
                break;
            }

            at += length;
        }

        return at;
    }

    private bool TryTake(ReadOnlySpan<byte> record)
    {
        JournalFormat.ReadRecord(record, out bool run, out int row, out int token, out int count);
        if (!Follows(run, row, token, count))
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            int code = JournalFormat.ReadCode(record, i);
            if (code >= _header.CodebookSize || code < -_header.LyricsVocabulary)
            {
                return false;
            }
        }

        for (int i = 0; i < count; i++)
        {
            _codes[row + (run ? 0 : i)].Add(JournalFormat.ReadCode(record, i));
        }

        return true;
    }

    private bool Follows(bool run, int row, int token, int count)
    {
        int rows = run ? 1 : count;
        if (row < 0 || row > _codes.Length - rows || token < 0 || token > _header.TotalTokens - (run ? count : 1))
        {
            return false;
        }

        for (int i = row; i < row + rows; i++)
        {
            if (_codes[i].Count != token)
            {
                return false;
            }
        }

        return true;
    }

    private static bool FindsRecordAfter(SafeFileHandle handle, byte[] buffer, long start, long end)
    {
        while (start < end)
        {
            int read = ReadFully(handle, buffer, start);
            bool atEnd = start + read >= end;
            int limit = atEnd ? read : read - LongestRecordBytes;
            for (int at = 0; at < limit; at++)
            {
                if (JournalFormat.RecordLength(buffer.AsSpan(at, read - at)) > 0)
                {
                    return true;
                }
            }

            start += Math.Max(limit, 1);
        }

        return false;
    }

    private static int ReadFully(SafeFileHandle handle, Span<byte> buffer, long offset)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int read = RandomAccess.Read(handle, buffer[total..], offset + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }
}
