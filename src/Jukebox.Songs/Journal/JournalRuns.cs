namespace Jukebox.Songs.Journal;

/// <summary>Codes of one item on their way into a journal: in records of full length, in whatever pieces they come.</summary>
/// <param name="journal">The journal, which this disposes.</param>
/// <param name="row">Row of the item.</param>
internal sealed class JournalRuns(CodeJournal journal, int row) : IDisposable
{
    private readonly int[] _run = new int[CodeJournal.RunLength];
    private int _count;

    /// <summary>Bytes of a journal of one item, all of whose tokens come this way.</summary>
    public static long LengthBytes(JournalHeader header)
    {
        long records = ((long)header.TotalTokens + CodeJournal.RunLength - 1) / CodeJournal.RunLength;
        return JournalFormat.Header(header).Length + (records * JournalFormat.RecordOverheadBytes) + ((long)header.TotalTokens * sizeof(short));
    }

    /// <summary>Takes the next codes.</summary>
    public void Append(ReadOnlySpan<int> codes)
    {
        while (!codes.IsEmpty)
        {
            int taken = Math.Min(codes.Length, _run.Length - _count);
            codes[..taken].CopyTo(_run.AsSpan(_count));
            codes = codes[taken..];
            _count += taken;
            if (_count == _run.Length)
            {
                Write();
            }
        }
    }

    /// <summary>Writes what has not filled a record, and forces everything to the disk.</summary>
    public void Flush()
    {
        Write();
        journal.Flush();
    }

    /// <summary>Closes the journal; what has not filled a record is gone.</summary>
    public void Dispose() => journal.Dispose();

    private void Write()
    {
        journal.AppendRun(row, _run.AsSpan(0, _count));
        _count = 0;
    }
}
