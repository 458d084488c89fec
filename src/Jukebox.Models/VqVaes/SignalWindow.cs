using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.VqVaes;

/// <summary>
/// The part of a long signal (T, C) that is still needed: positions are appended at the end and dropped at the start. A
/// fixed buffer of twice that part, so that it moves to the front only now and then, without overlap.
/// </summary>
internal sealed class SignalWindow : IDisposable
{
    private readonly IBackend _backend;
    private readonly Tensor _rows;
    private readonly int _width;
    private long _origin;

    /// <summary>Makes an empty window.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="width">Channels.</param>
    /// <param name="heldRows">Most positions held when more are appended.</param>
    /// <param name="appendedRows">Most positions appended at once.</param>
    public SignalWindow(IBackend backend, int width, int heldRows, int appendedRows)
    {
        _backend = backend;
        _width = width;
        var shape = new Shape(checked((2 * heldRows) + appendedRows), width);
        _rows = new Tensor(backend.Allocate(shape.LengthElements * sizeof(float)), ElementType.F32, shape);
    }

    /// <summary>First position held.</summary>
    public long First { get; private set; }

    /// <summary>One past the last position held.</summary>
    public long End { get; private set; }

    /// <summary>Empties the window; the next position appended is <paramref name="first"/>.</summary>
    public void Restart(long first) => _origin = First = End = first;

    /// <summary>Space for the next <paramref name="count"/> positions, to be filled by the caller: (1, count, C).</summary>
    public Tensor Append(int count)
    {
        if (End - _origin + count > _rows.Shape[0])
        {
            int held = (int)(End - First);
            _backend.Copy(_rows.Slice((int)(First - _origin), held), _rows.Slice(0, held));
            _origin = First;
        }

        End += count;
        return Rows(End - count, count);
    }

    /// <summary>Lets go of everything before a position.</summary>
    public void DropBefore(long position) => First = Math.Clamp(position, First, End);

    /// <summary>Positions held: (1, count, C).</summary>
    public Tensor Rows(long first, int count) => _rows.Slice((int)(first - _origin), count).Reshape(1, count, _width);

    /// <inheritdoc/>
    public void Dispose() => _rows.Buffer.Dispose();
}
