using Jukebox.Core.Tensors;

namespace Jukebox.Models.VqVaes;

/// <summary>Fills a window (1, T, C) with the input positions from <paramref name="first"/> on.</summary>
internal delegate void WindowReader(long first, Tensor window);

/// <summary>
/// Runs a <see cref="ConvStack"/> over any range of a signal of any length in bounded memory: pieces are pulled through
/// the layers, each of which keeps just the inputs that its next output needs. Every position is computed once, from
/// exactly the inputs it has in the whole signal, so the result is the same bits whatever the piece or the range.
/// </summary>
internal sealed class ConvStream : IDisposable
{
    private readonly ConvStack _stack;
    private readonly WindowReader _source;
    private readonly int _pieceRows;
    private readonly SignalWindow[] _signals;
    private readonly RowRange[] _needed;
    private readonly long[] _lengths;

    /// <summary>Allocates the windows between the layers.</summary>
    /// <param name="stack">The layers.</param>
    /// <param name="pieceRows">Most positions that a layer computes at once.</param>
    /// <param name="source">Where input comes from; asked for consecutive ranges, each at most a piece.</param>
    public ConvStream(ConvStack stack, int pieceRows, WindowReader source)
    {
        _stack = stack;
        _source = source;
        _pieceRows = pieceRows;
        int layers = stack.Layers.Count;
        _signals = new SignalWindow[layers + 1];
        _needed = new RowRange[layers + 1];
        _lengths = new long[layers + 1];
        try
        {
            for (int i = 0; i < layers; i++)
            {
                ConvLayer layer = stack.Layers[i];
                int held = checked((int)layer.InputsOf(new RowRange(0, pieceRows)).Count);
                _signals[i] = new SignalWindow(stack.Backend, layer.InputWidth, held, pieceRows);
            }

            _signals[layers] = new SignalWindow(stack.Backend, stack.OutputWidth, 0, pieceRows);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Prepares to compute a range of the outputs of a signal of <paramref name="inputLength"/> positions.</summary>
    public void Begin(long inputLength, RowRange outputs)
    {
        int layers = _stack.Layers.Count;
        _lengths[0] = inputLength;
        for (int i = 0; i < layers; i++)
        {
            _lengths[i + 1] = _stack.Layers[i].OutputLength(_lengths[i]);
        }

        if (outputs.First < 0 || outputs.End < outputs.First || outputs.End > _lengths[layers])
        {
            throw new ArgumentOutOfRangeException(nameof(outputs), $"positions [{outputs.First}, {outputs.End}) of {_lengths[layers]}");
        }

        _needed[layers] = outputs;
        for (int i = layers - 1; i >= 0; i--)
        {
            _needed[i] = _stack.Layers[i].InputsOf(_needed[i + 1]).Within(_lengths[i]);
        }

        for (int i = 0; i <= layers; i++)
        {
            _signals[i].Restart(_needed[i].First);
        }
    }

    /// <summary>Computes the next outputs of the range; false when there are none left.</summary>
    /// <param name="rows">(1, n, Cout), valid until the next call.</param>
    /// <param name="first">Position of the first of them.</param>
    public bool Next(out Tensor rows, out long first)
    {
        int last = _signals.Length - 1;
        SignalWindow output = _signals[last];
        first = output.End;
        output.DropBefore(first);
        int count = (int)Math.Min(_pieceRows, _needed[last].End - first);
        if (count == 0)
        {
            rows = default;
            return false;
        }

        Require(last, first + count);
        rows = output.Rows(first, count);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SignalWindow? signal in _signals)
        {
            signal?.Dispose();
        }
    }

    /// <summary>Computes a signal up to a position, and first whatever of the signals before it that takes.</summary>
    private void Require(int index, long end)
    {
        SignalWindow signal = _signals[index];
        while (signal.End < end)
        {
            long first = signal.End;
            int count = (int)Math.Min(_pieceRows, _needed[index].End - first);
            if (index == 0)
            {
                _source(first, signal.Append(count));
                continue;
            }

            ConvLayer layer = _stack.Layers[index - 1];
            SignalWindow input = _signals[index - 1];
            RowRange inputs = layer.InputsOf(new RowRange(first, first + count)).Within(_lengths[index - 1]);

            // Before what is to come is appended: a window has space for the inputs of one piece and no more.
            input.DropBefore(inputs.First);
            Require(index - 1, inputs.End);
            layer.Run(_stack.Backend, input.Rows(inputs.First, (int)inputs.Count), inputs.First, signal.Append(count), first);
        }
    }
}
