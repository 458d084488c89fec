using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.VqVaes;

/// <summary>One level's decoder with its scratch: codes to audio, piece by piece.</summary>
internal sealed class VqVaeDecoder : IDisposable
{
    private readonly IBackend _backend;
    private readonly ConvStream _stream;
    private readonly Tensor _codebook;
    private readonly Tensor _codes;
    private readonly int[] _codeBlock;
    private readonly float[] _sampleBlock;
    private readonly int _samplesPerToken;
    private CodeReader? _source;

    public VqVaeDecoder(IBackend backend, ConvStack stack, Tensor codebook, int samplesPerToken, int pieceRows)
    {
        _backend = backend;
        _stream = new ConvStream(stack, pieceRows, ReadCodes);
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

        _codeBlock = new int[pieceRows];
        _sampleBlock = new float[pieceRows];
        _samplesPerToken = samplesPerToken;
    }

    /// <summary>Decodes a range of tokens of a sequence of the given length.</summary>
    public void Run(long lengthTokens, CodeReader source, long firstToken, long count, SampleWriter sink)
    {
        Begin(lengthTokens, source, firstToken, count);
        for (int samples; (samples = Next(_sampleBlock, out long first)) > 0;)
        {
            sink(first, _sampleBlock.AsSpan(0, samples));
        }
    }

    /// <summary>Prepares to decode a range of tokens piece by piece.</summary>
    public void Begin(long lengthTokens, CodeReader source, long firstToken, long count)
    {
        _source = source;
        _stream.Begin(lengthTokens, new RowRange(firstToken * _samplesPerToken, (firstToken + count) * _samplesPerToken));
    }

    /// <summary>Decodes the next piece of the range.</summary>
    /// <param name="samples">Receives it; has room for a piece.</param>
    /// <param name="first">Its first sample.</param>
    /// <returns>Samples; 0 after the last.</returns>
    public int Next(Span<float> samples, out long first)
    {
        if (!_stream.Next(out Tensor rows, out first))
        {
            _source = null;
            return 0;
        }

        int count = rows.Shape[1];
        rows.Download(samples[..count]);
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stream.Dispose();
        _codes.Buffer.Dispose();
    }

    private void ReadCodes(long first, Tensor window)
    {
        int count = window.Shape[1], bins = _codebook.Shape[0];
        Span<int> codes = _codeBlock.AsSpan(0, count);
        _source!(first, codes);
        for (int i = 0; i < count; i++)
        {
            codes[i] = Math.Max(codes[i], 0);
            if (codes[i] >= bins)
            {
                throw new ArgumentOutOfRangeException(nameof(codes), codes[i], $"the code of token {first + i} is outside the codebook of {bins}");
            }
        }

        Tensor indices = _codes.Prefix(count);
        indices.Upload<int>(codes);
        _backend.Gather(indices, _codebook, window);
    }
}
