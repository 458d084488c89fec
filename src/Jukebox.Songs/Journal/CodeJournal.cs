using System.Diagnostics;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Microsoft.Win32.SafeHandles;

namespace Jukebox.Songs.Journal;

/// <summary>
/// The codes of one level, appended token by token. Every record goes straight to the operating system, so that a
/// process that is killed loses at most the token it was computing; twice a second it is forced to the disk, so that a
/// power cut loses less than a second. A tail that was torn off within a record is cut back to the last whole one when the journal is opened;
/// damage before that is an error that changes nothing.
/// </summary>
public sealed class CodeJournal : IDisposable
{
    /// <summary>Tokens of a record of one row, at most.</summary>
    public const int RunLength = 4096;

    private static readonly TimeSpan SyncInterval = TimeSpan.FromSeconds(0.5);

    private readonly SafeFileHandle _handle;
    private readonly IReadOnlyList<List<int>> _rows;
    private readonly int[] _counts;
    private readonly bool _keeps;
    private readonly byte[] _record;
    private long _lengthBytes;
    private long _lastSync = Stopwatch.GetTimestamp();

    private CodeJournal(string path, SafeFileHandle handle, JournalHeader header, JournalContent content, bool keeps)
    {
        Path = path;
        Header = header;
        _handle = handle;
        _rows = content.Rows;
        _counts = [.. content.Rows.Select(row => row.Count)];
        _keeps = keeps;
        _lengthBytes = content.WholeBytes;
        _record = new byte[JournalFormat.RecordOverheadBytes + (2 * Math.Max(header.Items.Length, RunLength))];
    }

    /// <summary>Path of the file.</summary>
    public string Path { get; }

    /// <summary>What the journal is of.</summary>
    public JournalHeader Header { get; }

    /// <summary>Opens or begins a journal, and cuts off a torn tail.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">What it is of.</param>
    /// <param name="repair">
    /// Whether to go on from the last whole record before damage in the middle, the damaged file being kept beside with
    /// <c>.damaged</c> after its name; and to put a journal of something else aside under that name and begin anew.
    /// </param>
    /// <param name="keeps">Whether what is appended can be asked for; without it, no memory is taken by a journal of any length.</param>
    /// <exception cref="DamagedFileException">It is damaged or of something else, and not to be repaired.</exception>
    public static CodeJournal Open(string path, JournalHeader header, bool repair, bool keeps = true)
    {
        RequireFile(path);
        if (repair && File.Exists(path) && IsForeign(path, header))
        {
            FilePlacement.Replace(path, FreeNameBeside(path));
        }

        SafeFileHandle handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            JournalContent content = JournalContent.Read(handle, header);
            if (content.IsForeign || content.DamagedHeader || content.DamagedInside)
            {
                content = repair && !content.IsForeign ? Repair(path, handle, header, content) : throw Damaged(path, header, content);
            }

            var journal = new CodeJournal(path, handle, header, content, keeps);
            journal.CutTail();
            return journal;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The whole codes of a journal that may still be written to: raw, by row.</summary>
    /// <exception cref="DamagedFileException">It is damaged in the middle, or its header is not the expected one.</exception>
    public static IReadOnlyList<List<int>> Read(string path, JournalHeader header)
    {
        RequireFile(path);
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        JournalContent content = JournalContent.Read(handle, header);
        return content.IsForeign || content.DamagedHeader || content.DamagedInside ? throw Damaged(path, header, content) : content.Rows;
    }

    /// <summary>Tokens that a row has.</summary>
    public int Count(int row) => _counts[row];

    /// <summary>Raw codes of a row; negative ones are lyric tokens.</summary>
    public IReadOnlyList<int> Raw(int row) => _rows[row];

    /// <summary>Codes of a row as music: lyric tokens count as code 0.</summary>
    public int[] Codes(int row) => [.. _rows[row].Select(code => Math.Max(code, 0))];

    /// <summary>Appends one token of consecutive rows.</summary>
    public void AppendStep(int firstRow, int token, ReadOnlySpan<int> codes)
    {
        Append(run: false, firstRow, token, codes);
        for (int i = 0; i < codes.Length; i++)
        {
            Keep(firstRow + i, codes.Slice(i, 1));
        }
    }

    /// <summary>Appends consecutive tokens of one row.</summary>
    public void AppendRun(int row, ReadOnlySpan<int> codes)
    {
        _rows[row].EnsureCapacity(_rows[row].Count + codes.Length);
        while (!codes.IsEmpty)
        {
            ReadOnlySpan<int> part = codes[..Math.Min(codes.Length, RunLength)];
            Append(run: true, row, Count(row), part);
            Keep(row, part);
            codes = codes[part.Length..];
        }
    }

    /// <summary>Forces everything to the disk.</summary>
    public void Flush()
    {
        RandomAccess.FlushToDisk(_handle);
        _lastSync = Stopwatch.GetTimestamp();
    }

    /// <summary>Closes the file; what was appended stays.</summary>
    public void Dispose() => _handle.Dispose();

    private void Append(bool run, int row, int token, ReadOnlySpan<int> codes)
    {
        int length = JournalFormat.WriteRecord(_record, run, row, token, codes);
        DurableFile.Write(_handle, Path, _record.AsSpan(0, length), _lengthBytes);
        _lengthBytes += length;
        if (Stopwatch.GetElapsedTime(_lastSync) > SyncInterval)
        {
            Flush();
        }
    }

    private void Keep(int row, ReadOnlySpan<int> codes)
    {
        _counts[row] += codes.Length;
        if (_keeps)
        {
            _rows[row].AddRange(codes);
        }
    }

    private void CutTail()
    {
        if (_lengthBytes == 0)
        {
            byte[] header = JournalFormat.Header(Header);
            DurableFile.Write(_handle, Path, header, 0);
            _lengthBytes = header.Length;
        }

        if (RandomAccess.GetLength(_handle) != _lengthBytes)
        {
            RandomAccess.SetLength(_handle, _lengthBytes);
        }
    }

    private static void RequireFile(string path)
    {
        if (File.Exists(path))
        {
            RegularFile.OpenRead(path, "put the journal back").Dispose();
        }
    }

    private static bool IsForeign(string path, JournalHeader header)
    {
        using SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        return JournalContent.Read(handle, header).IsForeign;
    }

    private static string FreeNameBeside(string path)
    {
        string aside = path + ".damaged";
        for (int i = 2; File.Exists(aside); i++)
        {
            aside = $"{path}.damaged{i}";
        }

        return aside;
    }

    private static JournalContent Repair(string path, SafeFileHandle handle, JournalHeader header, JournalContent content)
    {
        File.Copy(path, FreeNameBeside(path));
        if (content.DamagedHeader)
        {
            DurableFile.Write(handle, path, JournalFormat.Header(header), 0);
            content = JournalContent.Read(handle, header);
        }

        RandomAccess.SetLength(handle, content.WholeBytes);
        RandomAccess.FlushToDisk(handle);
        return content;
    }

    private static DamagedFileException Damaged(string path, JournalHeader header, JournalContent content)
    {
        int whole = content.Rows.Min(row => row.Count);
        return new DamagedFileException(
            path,
            content.WholeBytes,
            content.IsForeign ? "it is the journal of another song, level or model, or the song was asked to be another after it was begun"
                : content.DamagedHeader ? "its header is damaged"
                : $"it is damaged here, with sound records after it; {whole} of {header.TotalTokens} tokens before it are whole",
            "nothing was changed: put a copy of the file back, or resume with --repair, which keeps "
            + (content.IsForeign ? "this file beside it and samples the level anew" : "the damaged file beside it and samples what is missing again"));
    }
}
