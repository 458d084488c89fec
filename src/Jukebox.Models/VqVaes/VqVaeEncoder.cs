using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.VqVaes;

/// <summary>One level's encoder with its scratch: audio to codes, piece by piece.</summary>
internal sealed class VqVaeEncoder : IDisposable
{
    private readonly IBackend _backend;
    private readonly ConvStream _stream;
    private readonly Tensor _codebook;
    private readonly Tensor _codes;
    private readonly float[] _block;
    private SampleReader? _source;

    public VqVaeEncoder(IBackend backend, ConvStack stack, Tensor codebook, int pieceRows)
    {
        _backend = backend;
        _stream = new ConvStream(stack, pieceRows, ReadSamples);
        _codebook = codebook;
        try
        {
            _codes = new Tensor(backend.Allocate((long)pieceRows * sizeof(int)), ElementType.I32, new Shape(pieceRows));
        }
        catch
        {
            _stream.Dispose();
            throw;
        }

        _block = new float[pieceRows];
    }

    /// <summary>Encodes a range of tokens of audio of the given length.</summary>
    public void Run(long lengthSamples, SampleReader source, long firstToken, Span<int> codes)
    {
        Begin(lengthSamples, source, new RowRange(firstToken, firstToken + codes.Length));
        for (int done = 0, count; (count = Next(codes[done..], out _)) > 0;)
        {
            done += count;
        }
    }

    /// <summary>Prepares to encode a range of tokens piece by piece.</summary>
    public void Begin(long lengthSamples, SampleReader source, RowRange tokens)
    {
        _source = source;
        _stream.Begin(lengthSamples, tokens);
    }

    /// <summary>Encodes the next piece of the range.</summary>
    /// <param name="codes">Receives it; has room for a piece, or for what is left.</param>
    /// <param name="first">Its first token.</param>
    /// <returns>Tokens; 0 after the last.</returns>
    public int Next(Span<int> codes, out long first)
    {
        if (!_stream.Next(out Tensor rows, out first))
        {
            _source = null;
            return 0;
        }

        int count = rows.Shape[1];
        _backend.NearestCode(rows.Reshape(count, rows.Shape[2]), _codebook, _codes.Prefix(count));
        _codes.Prefix(count).Download(codes[..count]);
        return count;
    }

    /// <summary>What comes before the quantiser, for every token: (T, E).</summary>
    public void Run(long lengthSamples, SampleReader source, Span<float> output)
    {
        int width = _codebook.Shape[1];
        _source = source;
        _stream.Begin(lengthSamples, new RowRange(0, output.Length / width));
        while (_stream.Next(out Tensor rows, out long first))
        {
            rows.Download(output.Slice((int)first * width, (int)rows.LengthElements));
        }

        _source = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _codes.Buffer.Dispose();
    }

    private void ReadSamples(long first, Tensor window)
    {
        Span<float> samples = _block.AsSpan(0, window.Shape[1]);
        _source!(first, samples);
        window.Upload<float>(samples);
    }
}
