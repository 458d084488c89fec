namespace Jukebox.Models.VqVaes;

/// <summary>
/// Audio that several readers go through at their own pace while it is read once: what the furthest has read and the last has not is
/// held. Each reader asks for consecutive blocks from the first sample on. One thread at a time.
/// </summary>
/// <param name="source">The audio; asked for consecutive blocks.</param>
/// <param name="readers">How many go through it.</param>
internal sealed class SharedSamples(SampleReader source, int readers)
{
    private readonly long?[] _positions = [.. new long?[readers].Select(_ => (long?)0)]; // none once a reader has left
    private float[] _held = [];
    private long _heldStart;
    private int _heldCount;

    /// <summary>The reader that has the least behind it, and should go on next; none when all have left.</summary>
    public int? Hindmost => _positions.Min() is { } least ? Array.IndexOf(_positions, least) : null;

    /// <summary>What a reader reads through.</summary>
    public SampleReader ReaderOf(int reader) => (first, block) => Read(reader, first, block);

    /// <summary>Nothing is held for a reader any more.</summary>
    public void Leave(int reader) => _positions[reader] = null;

    private void Read(int reader, long first, Span<float> block)
    {
        if (first != _positions[reader])
        {
            throw new InvalidOperationException($"sample {first} was asked for where {_positions[reader]} comes next");
        }

        long missing = first + block.Length - (_heldStart + _heldCount);
        if (missing > 0)
        {
            Drop(_positions.Min()!.Value);
            Extend((int)missing);
        }

        _held.AsSpan((int)(first - _heldStart), block.Length).CopyTo(block);
        _positions[reader] = first + block.Length;
    }

    private void Drop(long before)
    {
        int dropped = (int)(before - _heldStart);
        _held.AsSpan(dropped, _heldCount - dropped).CopyTo(_held);
        _heldStart = before;
        _heldCount -= dropped;
    }

    private void Extend(int count)
    {
        if (_heldCount + count > _held.Length)
        {
            Array.Resize(ref _held, Math.Max(_heldCount + count, 2 * _held.Length));
        }

        source(_heldStart + _heldCount, _held.AsSpan(_heldCount, count));
        _heldCount += count;
    }
}
