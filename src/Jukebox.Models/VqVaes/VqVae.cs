using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Models.VqVaes;

/// <summary>Fills <paramref name="samples"/> with the audio from sample <paramref name="first"/> on.</summary>
public delegate void SampleReader(long first, Span<float> samples);

/// <summary>Takes the audio from sample <paramref name="first"/> on; the span is reused afterwards.</summary>
public delegate void SampleWriter(long first, ReadOnlySpan<float> samples);

/// <summary>Fills <paramref name="codes"/> with the codes from token <paramref name="first"/> on.</summary>
public delegate void CodeReader(long first, Span<int> codes);

/// <summary>
/// Audio to codes and back. Each level has an encoder, a codebook and a decoder of its own, all in float32.
/// <para>
/// Everything is computed in pieces of bounded memory whatever the length, and any range of tokens can be had by itself;
/// both give the same bits as the whole. Scratch is taken at the first use of a level and kept until <see cref="FreeScratch"/>;
/// between those nothing is allocated beyond results. One thread at a time.
/// </para>
/// </summary>
public sealed partial class VqVae : IDisposable
{
    /// <summary>
    /// Positions that a layer computes at once: enough work to share among threads, and few enough that a piece and the
    /// rows it reads stay in the caches.
    /// </summary>
    public const int DefaultPieceRows = 3072;

    private readonly ConvStack?[] _encoders; // none that was not loaded
    private readonly ConvStack?[] _decoders;
    private readonly Tensor[] _codebooks;
    private readonly VqVaeEncoder?[] _encoderRuns;
    private readonly VqVaeDecoder?[] _decoderRuns;
    private readonly IBackend _backend;
    private readonly int _pieceRows;

    private VqVae(IBackend backend, WeightFile file, VqVaeSpec spec, int pieceRows, int? onlyEncoder)
    {
        Spec = spec;
        _backend = backend;
        _pieceRows = pieceRows;
        _encoders = new ConvStack[spec.Levels];
        _decoders = new ConvStack[spec.Levels];
        _codebooks = new Tensor[spec.Levels];
        _encoderRuns = new VqVaeEncoder[spec.Levels];
        _decoderRuns = new VqVaeDecoder[spec.Levels];
        try
        {
            foreach (int level in onlyEncoder is { } only ? [only] : Enumerable.Range(0, spec.Levels))
            {
                _encoders[level] = ConvStack.LoadEncoder(backend, file, spec, level);
                _decoders[level] = onlyEncoder is null ? ConvStack.LoadDecoder(backend, file, spec, level) : null;
                _codebooks[level] = backend.Load(file[VqVaeTensorNames.CodebookOf(level)]);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Hyperparameters.</summary>
    public VqVaeSpec Spec { get; }

    /// <summary>Uses the weights of a file; the caller disposes both, in either order.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="file">The model folder's VQ-VAE.</param>
    /// <param name="spec">Hyperparameters.</param>
    /// <param name="pieceRows">Positions that a layer computes at once; it decides speed and memory, not results.</param>
    /// <exception cref="DamagedFileException">A tensor is missing, misshapen or not float32.</exception>
    public static VqVae Load(IBackend backend, WeightFile file, VqVaeSpec spec, int pieceRows = DefaultPieceRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pieceRows);
        WeightCheck.Require(file, TensorTable.Of(spec), ElementType.F32);
        return new VqVae(backend, file, spec, pieceRows, onlyEncoder: null);
    }

    /// <summary>The same for what turns audio into the codes of one level, and nothing else: no other weights are loaded, and nothing else can be asked of it.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="file">The model folder's VQ-VAE.</param>
    /// <param name="spec">Hyperparameters.</param>
    /// <param name="level">The level.</param>
    /// <param name="pieceRows">Positions that a layer computes at once; it decides speed and memory, not results.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    /// <exception cref="DamagedFileException">A tensor is missing, misshapen or not float32.</exception>
    public static VqVae LoadEncoder(IBackend backend, WeightFile file, VqVaeSpec spec, int level, int pieceRows = DefaultPieceRows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pieceRows);
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, spec.Levels);
        WeightCheck.Require(file, TensorTable.Of(spec), ElementType.F32);
        return new VqVae(backend, file, spec, pieceRows, level);
    }

    /// <summary>Tokens before its own that a decoded sample depends on, at most.</summary>
    public int LeftContextTokens(int level) => checked((int)-DecoderInputs(level).First);

    /// <summary>
    /// Tokens after its own that a decoded sample depends on, at most: with k tokens known of a song that goes on, the
    /// samples of the first k − <see cref="RightContextTokens"/> tokens are final.
    /// </summary>
    public int RightContextTokens(int level) => checked((int)(DecoderInputs(level).End - 1));

    /// <summary>Samples before a token's own that the token depends on, at most.</summary>
    public int LeftContextSamples(int level) => checked((int)-EncoderInputs(level).First);

    /// <summary>Samples after a token's own that the token depends on, at most.</summary>
    public int RightContextSamples(int level) => checked((int)(EncoderInputs(level).End - Spec.SamplesPerToken(level)));

    /// <summary>The codes of a level for whole audio in [−1, 1]: ⌊samples / hop⌋ of them, the hop being <see cref="VqVaeSpec.SamplesPerToken"/>.</summary>
    /// <param name="level">Level, 0 being the finest.</param>
    /// <param name="samples">Mono, at the model's rate.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public int[] Encode(int level, ReadOnlyMemory<float> samples)
    {
        var codes = new int[samples.Length / HopOf(level)];
        Encode(level, samples.Length, (first, block) => samples.Span.Slice((int)first, block.Length).CopyTo(block), 0, codes);
        return codes;
    }

    /// <summary>
    /// The codes from <paramref name="firstToken"/> on, as many as <paramref name="codes"/> holds, of audio that is read
    /// as it is needed: consecutive blocks, from <see cref="LeftContextSamples"/> before the first token.
    /// </summary>
    /// <param name="level">The level.</param>
    /// <param name="lengthSamples">Samples of the whole audio.</param>
    /// <param name="source">The audio.</param>
    /// <param name="firstToken">First token of the range.</param>
    /// <param name="codes">Receives the range, which must lie within the ⌊samples / hop⌋ tokens there are.</param>
    public void Encode(int level, long lengthSamples, SampleReader source, long firstToken, Span<int> codes) =>
        EncoderOf(level).Run(lengthSamples, source, firstToken, codes);

    /// <summary>The audio of whole codes of one level: (tokens · hop) samples, neither clipped nor scaled.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level, or a code is outside the codebook.</exception>
    public float[] Decode(int level, ReadOnlyMemory<int> codes) => Decode(level, codes, 0, codes.Length);

    /// <summary>The audio of tokens [firstToken, firstToken + count) within the whole of <paramref name="codes"/>.</summary>
    public float[] Decode(int level, ReadOnlyMemory<int> codes, int firstToken, int count)
    {
        int hop = HopOf(level);
        var samples = new float[checked(count * hop)];
        long start = (long)firstToken * hop;
        Decode(
            level,
            codes.Length,
            (first, block) => codes.Span.Slice((int)first, block.Length).CopyTo(block),
            firstToken,
            count,
            (first, block) => block.CopyTo(samples.AsSpan((int)(first - start))));
        return samples;
    }

    /// <summary>
    /// Decodes tokens [firstToken, firstToken + count) of a sequence that is read as it is needed, and hands the samples
    /// out in consecutive blocks. Reads no further than <see cref="LeftContextTokens"/> and
    /// <see cref="RightContextTokens"/> beyond the range. A negative code, which stands for a lyric token, counts as 0.
    /// </summary>
    /// <param name="level">The level.</param>
    /// <param name="lengthTokens">Tokens of the whole sequence.</param>
    /// <param name="source">The codes.</param>
    /// <param name="firstToken">First token of the range.</param>
    /// <param name="count">Tokens of the range.</param>
    /// <param name="sink">Takes the audio; sample 0 is the first of the whole sequence.</param>
    public void Decode(int level, long lengthTokens, CodeReader source, long firstToken, long count, SampleWriter sink) =>
        DecoderOf(level).Run(lengthTokens, source, firstToken, count, sink);

    /// <summary>Multiplications and additions of encoding that many samples, the quantiser's included.</summary>
    public long EncodeOperations(int level, long lengthSamples)
    {
        long tokens = Loaded(_encoders, level).OutputLength(lengthSamples);
        return Loaded(_encoders, level).Operations(lengthSamples) + (2 * tokens * Spec.CodebookSize * Spec.EmbeddingWidth);
    }

    /// <summary>Multiplications and additions of decoding that many tokens.</summary>
    public long DecodeOperations(int level, long lengthTokens) => Loaded(_decoders, level).Operations(lengthTokens);

    /// <summary>
    /// Frees the scratch of all levels, tens of megabytes for each direction of each; the next use takes it anew. For who has
    /// done with encoding, or with a level, long before the end.
    /// </summary>
    public void FreeScratch()
    {
        for (int level = 0; level < Spec.Levels; level++)
        {
            _encoderRuns[level]?.Dispose();
            _decoderRuns[level]?.Dispose();
            (_encoderRuns[level], _decoderRuns[level]) = (null, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FreeScratch();
        for (int level = 0; level < Spec.Levels; level++)
        {
            // A load that failed half-way has no more than its first levels.
            _encoders[level]?.Dispose();
            _decoders[level]?.Dispose();
            _codebooks[level].Buffer?.Dispose();
        }
    }

    /// <summary>What the encoder of a level makes of whole audio before quantising: (T, E).</summary>
    internal float[] EncoderOutput(int level, ReadOnlyMemory<float> samples)
    {
        var rows = new float[samples.Length / HopOf(level) * Spec.EmbeddingWidth];
        EncoderOf(level).Run(
            samples.Length, (first, block) => samples.Span.Slice((int)first, block.Length).CopyTo(block), rows);
        return rows;
    }

    private int HopOf(int level)
    {
        CheckLevel(level);
        return Spec.SamplesPerToken(level);
    }

    private RowRange DecoderInputs(int level)
    {
        CheckLevel(level);
        return Loaded(_decoders, level).InputsOf(new RowRange(0, Spec.SamplesPerToken(level)));
    }

    private RowRange EncoderInputs(int level)
    {
        CheckLevel(level);
        return Loaded(_encoders, level).InputsOf(new RowRange(0, 1));
    }

    private VqVaeEncoder EncoderOf(int level)
    {
        CheckLevel(level);
        return _encoderRuns[level] ??= new VqVaeEncoder(_backend, Loaded(_encoders, level), _codebooks[level], _pieceRows);
    }

    private VqVaeDecoder DecoderOf(int level)
    {
        CheckLevel(level);
        return _decoderRuns[level] ??= new VqVaeDecoder(
            _backend, Loaded(_decoders, level), _codebooks[level], Spec.SamplesPerToken(level), _pieceRows);
    }

    private static ConvStack Loaded(ConvStack?[] stacks, int level) =>
        stacks[level] ?? throw new InvalidOperationException($"that part of the VQ-VAE's level {level} was not loaded");

    private void CheckLevel(int level)
    {
        if (level < 0 || level >= Spec.Levels)
        {
            throw new ArgumentOutOfRangeException(nameof(level), level, $"the levels are 0 to {Spec.Levels - 1}");
        }
    }
}
