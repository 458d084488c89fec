using Jukebox.Audio.Reading;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;
using Jukebox.Songs.Sampling;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>
/// A model whose tokens are known in advance, so that plans, journals and folders can be tested without weights. The
/// token at index t of an item is <see cref="Token"/>; audio is a ramp that depends on the token before and the two after.
/// Every window checks that what it is given fits what was drawn before.
/// </summary>
internal sealed class StubSongModel : ISongModel
{
    private const int Context = 3; // tokens that audio depends on, on either side

    public StubSongModel(ModelDescription? description = null, string fingerprint = "")
    {
        Description = description ?? Describe();
        Fingerprint = fingerprint.PadLeft(64, '0');
    }

    public ModelDescription Description { get; }

    public string Fingerprint { get; }

    /// <summary>Windows that were begun, as (level, start, known, rows).</summary>
    public List<(int Level, long Start, int Known, int Rows)> Windows { get; } = [];

    /// <summary>The token that this model draws; every seventh of the top level is a lyric token.</summary>
    public Func<int, int, long, int> Token { get; init; } =
        (level, item, index) => level == 2 && (index + item) % 7 == 3 ? -1 - (int)(index % 4) : (int)(((index * 5) + (item * 3) + level) % 16);

    /// <summary>Three levels with contexts of 16 tokens: 8, 32 and 128 samples per token.</summary>
    public static ModelDescription Describe(LabelSpec? labels = null, int contextLength = 16, double hopFraction = 0.5) => new()
    {
        Format = ModelDescription.CurrentFormat,
        Name = "stub",
        SampleRateHz = 44100,
        VqVae = new VqVaeSpec
        {
            Levels = 3,
            Downs = [3, 2, 2],
            Strides = [2, 2, 2],
            EmbeddingWidth = 1,
            CodebookSize = 30000,
            Width = 1,
            Depth = 1,
            Multipliers = [1, 1, 1],
            DilationGrowth = 1,
        },
        Priors = [.. Enumerable.Range(0, 3).Select(level => new PriorSpec
        {
            Level = level,
            ContextLength = contextLength,
            CodebookSize = 30000,
            Transformer = new TransformerSpec { Width = 1, Depth = 1, Heads = 1, AttentionOrder = 0, BlockCount = 1 },
            Labels = labels,
            Lyrics = level == 2 ? LyricsMode.SameSequence : LyricsMode.None,
            LyricsVocabulary = level == 2 ? 8 : 0,
        })],
        Defaults = [.. Enumerable.Range(0, 3).Select(_ => new LevelDefaults { HopFraction = hopFraction })],
        Origin = "made up",
        Licence = "none",
        Files = [],
    };

    public ModelReference Reference => new("stub-model", Description.Name, Fingerprint);

    /// <summary>Resolves a request with this model and prompts of silence, one token of the top level per 128 samples.</summary>
    public SongDescription Resolve(SampleRequest request) => new RequestResolver(Description, Reference, (prompt, rate) => ReadPrompt(prompt, rate).LengthSamples).Resolve(request);

    /// <summary>A prompt whose file name is a number of top-level tokens.</summary>
    public static MonoAudio ReadPrompt(PromptRequest prompt, int sampleRateHz) =>
        MonoAudio.Of(new float[int.Parse(Path.GetFileName(prompt.File), System.Globalization.CultureInfo.InvariantCulture) * 128], sampleRateHz);

    public IPriorRun OpenPrior(int level, int batchSize, int primeChunk) => new StubRun(this, level, batchSize, primeChunk);

    public long[] LabelRow(int level, SongLabel label, long totalSamples, long offsetSamples, int startToken) => [startToken];

    public int RightContextTokens(int level) => Context;

    public float[] Decode(int level, ReadOnlyMemory<int> codes, int start, int count)
    {
        int samples = Description.VqVae.SamplesPerToken(level);
        var audio = new float[count * samples];
        for (int i = 0; i < audio.Length; i++)
        {
            int token = start + (i / samples);
            int near = Enumerable.Range(token - Context, (2 * Context) + 1).Where(t => t >= 0 && t < codes.Length).Sum(t => codes.Span[t] * (t - token + 7));
            audio[i] = ((near % 1000) - 500 + (i % samples)) / 1000f;
        }

        return audio;
    }

    public int[][] Encode(MonoAudio audio, long lengthSamples, out long availableSamples)
    {
        availableSamples = Math.Min(lengthSamples, audio.CountSamples());
        return [.. Enumerable.Range(0, 3).Select(level => Enumerable.Range(0, (int)lengthSamples / Description.VqVae.SamplesPerToken(level)).Select(t => t % 16).ToArray())];
    }

    public LyricAttention? Align(SongLabel label, int[] codes, long totalSamples, long offsetSamples, int hopTokens) => null;

    public void Dispose()
    {
    }

    private sealed class StubRun(StubSongModel model, int level, int batchSize, int primeChunk) : IPriorRun
    {
        private PriorWindow? _window;
        private int _primed;
        private int _position;

        public PriorSpec Spec => model.Description.PriorOf(level)!;

        public int BatchSize => batchSize;

        public void Begin(PriorWindow window)
        {
            WindowChecks.Check(Spec, model.Description.VqVae, window, batchSize);
            model.Windows.Add((level, window.StartToken, window.Known[0].Length, window.Items.Length));
            _window = window;
            _primed = 0;
            _position = window.Known[0].Length;
        }

        public bool PrimeChunk()
        {
            if (_primed >= _position)
            {
                return false;
            }

            _primed = Math.Min(_position, _primed + primeChunk);
            return true;
        }

        public int StepsAtOnce => 3;

        public void Step(Span<int> codes)
        {
            int items = _window!.Items.Length;
            Assert.InRange(codes.Length, items, StepsAtOnce * items);
            for (int i = 0; i < codes.Length; i++)
            {
                codes[i] = model.Token(level, _window.Items[i % items], _window.StartToken + _position + (i / items));
            }

            _position += codes.Length / items;
        }

        public void Dispose() => _window = null;
    }
}
