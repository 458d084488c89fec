namespace Jukebox.Conversion.Sources;

/// <summary>The lines of a text, without their line feeds.</summary>
internal ref struct LineEnumerator(ReadOnlySpan<byte> text)
{
    private ReadOnlySpan<byte> _rest = text;
    private bool _atEnd;

    public ReadOnlySpan<byte> Current { get; private set; }

    public readonly LineEnumerator GetEnumerator() => this;

    public bool MoveNext()
    {
        if (_atEnd)
        {
            return false;
        }

        int end = _rest.IndexOf((byte)'\n');
        _atEnd = end < 0;
        Current = _atEnd ? _rest : _rest[..end];
        _rest = _atEnd ? default : _rest[(end + 1)..];
        return true;
    }
}
