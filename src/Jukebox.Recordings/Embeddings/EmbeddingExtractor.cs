using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;

namespace Jukebox.Recordings.Embeddings;

/// <summary>Takes a finished frame.</summary>
/// <param name="layer">The layer.</param>
/// <param name="seconds">Its time, from the clip's start.</param>
/// <param name="row">Its numbers; valid during the call.</param>
public delegate void LayerSink(int layer, double seconds, ReadOnlySpan<float> row);

/// <summary>A clip whose layers come out as frames.</summary>
/// <param name="Streams">Of each layer, what makes frames of its rows.</param>
public sealed record ClipFrames(IReadOnlyDictionary<int, FrameStream> Streams);

/// <summary>A window that is ready for the prior.</summary>
/// <param name="Clip">The clip that it is of.</param>
/// <param name="Window">Where in it.</param>
/// <param name="Input">Codes and labels.</param>
public sealed record EncodedWindow(ClipFrames Clip, EmbeddingWindow Window, ActivationWindow Input);

/// <summary>
/// A model as an extractor of features: the encoder of its top level and its top prior as far as the deepest layer. Windows of one clip come in order;
/// those of many clips go through a layer together, and none changes another's numbers.
/// </summary>
public sealed class EmbeddingExtractor : IDisposable
{
    private readonly EmbeddingSettings _settings;
    private readonly ModelDescription _model;
    private readonly VqVae _vqvae;
    private readonly ClipEncoder _encoder;
    private readonly PriorActivations _activations;
    private readonly EmbeddingNames _names;
    private readonly int _threads;

    /// <summary>Loads the encoder and what embeds tokens and labels; layers are read as they are come to.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="folder">The model; the caller disposes it after this.</param>
    /// <param name="settings">Settings that fit the model: <see cref="EmbeddingCheck.Require"/>.</param>
    /// <param name="threads">Threads to resample frames on.</param>
    /// <exception cref="Core.Errors.DamagedFileException">The weights are damaged.</exception>
    /// <exception cref="RecordingException">The model does not know the artist or the genre.</exception>
    public EmbeddingExtractor(IBackend backend, ModelFolder folder, EmbeddingSettings settings, int threads = 1)
    {
        (_settings, _model, _threads) = (settings, folder.Description, threads);
        Top = EmbeddingCheck.TopOf(_model, folder.Path);
        TokensPerSecond = EmbeddingCheck.TokensPerSecond(_model, folder.Path);
        Windows = EmbeddingWindows.Of(settings, Top.ContextLength, TokensPerSecond);
        _names = NamesOf(folder, settings);
        _vqvae = VqVae.LoadEncoder(backend, folder.OpenVqVae(), _model.VqVae, Top.Level);
        try
        {
            _encoder = new ClipEncoder(_vqvae, Top.Level, Top.ContextLength);
            _activations = new PriorActivations(backend, folder, Top.Level);
        }
        catch
        {
            _vqvae.Dispose();
            throw;
        }
    }

    /// <summary>What artist and genre are to a model. A name that it does not know is a mistake: vectors would be those of an unknown one.</summary>
    /// <exception cref="RecordingException">It does not know one, or none at all.</exception>
    public static EmbeddingNames NamesOf(ModelFolder folder, EmbeddingSettings settings)
    {
        if (settings.Artist.Length == 0 && settings.Genre.Length == 0)
        {
            return EmbeddingNames.Unknown;
        }

        PriorSpec top = EmbeddingCheck.TopOf(folder.Description, folder.Path);
        if (top.Labels is null)
        {
            throw new RecordingException($"{folder.Path} knows no artists and no genres; leave --artist and --genre out.");
        }

        ResolvedLabels resolved = LabelTables.Open(folder.Path).Resolve(top, settings.Artist, settings.Genre);
        return resolved.Warnings is [var warning, ..]
            ? throw new RecordingException($"{warning.Message} Leave --{warning.Kind.Singular()} out if that is meant.")
            : new EmbeddingNames(resolved.ArtistId, [.. resolved.GenreIds.Select(id => (long)id)]);
    }

    /// <summary>The prior.</summary>
    public PriorSpec Top { get; }

    /// <summary>Numbers of a row.</summary>
    public int Width => Top.Transformer.Width;

    /// <summary>Rows per second before any resampling.</summary>
    public double TokensPerSecond { get; }

    /// <summary>How clips are cut.</summary>
    public EmbeddingWindows Windows { get; }

    /// <summary>Samples of a token.</summary>
    public int SamplesPerToken => _model.VqVae.SamplesPerToken(Top.Level);

    /// <summary>Begins a clip.</summary>
    /// <param name="times">Times between which rows are averaged, from the clip's start; none where they are not.</param>
    /// <param name="sink">Takes the frames: layer, seconds from the clip's start, row.</param>
    public ClipFrames Begin(double[]? times, LayerSink sink) => new(_settings.Layers.ToDictionary(
        layer => layer,
        layer => new FrameStream(_settings, Width, TokensPerSecond, times, (seconds, row) => sink(layer, seconds, row), _threads)));

    /// <summary>Tokens of a clip, at least one.</summary>
    /// <param name="clip">The clip.</param>
    /// <param name="name">What to call it.</param>
    /// <exception cref="RecordingException">It is too short for one.</exception>
    public long TokensOf(EmbeddingClip clip, string name) => clip.Samples >= SamplesPerToken ? clip.Samples / SamplesPerToken : throw new RecordingException(string.Create(
        CultureInfo.InvariantCulture, $"{name} holds {clip.Samples} samples at {_model.SampleRateHz / 1000.0:0.###} kHz; an embedding needs {SamplesPerToken}."));

    /// <summary>Encodes a window of a clip.</summary>
    /// <param name="frames">What is made of the clip.</param>
    /// <param name="clip">Its audio.</param>
    /// <param name="window">The window.</param>
    /// <param name="totalSeconds">Length of the recording.</param>
    /// <param name="offsetSeconds">Where in it the clip begins.</param>
    public EncodedWindow Encode(ClipFrames frames, EmbeddingClip clip, EmbeddingWindow window, double totalSeconds, double offsetSeconds)
    {
        long start = window.Start * SamplesPerToken;
        bool heard = _settings.Beyond == BeyondWindow.Heard;
        long wanted = heard ? Math.Max(ClipEncoder.HeardSamples(_model.SampleRateHz), _encoder.WindowSamples) : (long)Windows.WindowTokens * SamplesPerToken;
        float[] audio = clip.Read(start, (int)Math.Min(wanted, clip.Samples - start));
        SampleReader source = (first, block) => audio.AsSpan((int)first, block.Length).CopyTo(block);
        bool pads = !heard || (_settings.Short == ShortClips.Pad && clip.Samples < _encoder.WindowSamples);
        int[] codes = pads ? _encoder.EncodePadded(source, audio.Length) : _encoder.EncodeAsItIs(source, audio.Length, _model.SampleRateHz);
        return OfCodes(frames, codes[..window.Count], window, totalSeconds, offsetSeconds);
    }

    /// <summary>A window whose codes are there already.</summary>
    /// <param name="frames">What is made of the clip.</param>
    /// <param name="codes">Its codes.</param>
    /// <param name="window">The window.</param>
    /// <param name="totalSeconds">Length of the recording.</param>
    /// <param name="offsetSeconds">Where in it the clip begins.</param>
    public EncodedWindow OfCodes(ClipFrames frames, int[] codes, EmbeddingWindow window, double totalSeconds, double offsetSeconds)
    {
        long[] row = _settings.Labels == LabelTimes.Fixed
            ? EmbeddingLabels.Fixed(Top, SamplesPerToken, _model.SampleRateHz, _names, _settings.TotalSeconds)
            : EmbeddingLabels.Real(Top, SamplesPerToken, _model.SampleRateHz, _settings.TotalSeconds ?? totalSeconds, offsetSeconds, window.Start, _names);
        return new EncodedWindow(frames, window, new ActivationWindow(codes, row));
    }

    /// <summary>Computes windows. Those of one clip stand in order; a clip whose last window was among them is to be completed by the caller.</summary>
    /// <param name="windows">The windows, at least one.</param>
    /// <param name="progress">Told, of each layer, how many there are and how many are done.</param>
    /// <param name="failed">Told of a clip whose frames could not be made or written; it gets no more.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="Core.Files.StorageException">The disk is full.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Compute(IReadOnlyList<EncodedWindow> windows, Action<int, int>? progress, Action<ClipFrames, RecordingException> failed, CancellationToken cancellation)
    {
        bool whole = FrameStream.TakesWholeWindows(_settings);
        var broken = new HashSet<ClipFrames>(ReferenceEqualityComparer.Instance);
        _activations.Read(
            [.. windows.Select(window => window.Input)],
            _settings.Layers,
            (index, layer, first, rows) =>
            {
                EncodedWindow window = windows[index];
                if (broken.Contains(window.Clip))
                {
                    return;
                }

                try
                {
                    Give(window, window.Clip.Streams[layer], first, rows, whole);
                }
                catch (RecordingException e)
                {
                    broken.Add(window.Clip);
                    failed(window.Clip, e);
                }
            },
            progress,
            cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _activations.Dispose();
        _vqvae.Dispose();
    }

    private void Give(EncodedWindow window, FrameStream stream, int first, ReadOnlySpan<float> rows, bool whole)
    {
        if (first == 0)
        {
            stream.Begin(window.Window.Start / TokensPerSecond);
        }

        int count = rows.Length / Width;
        for (int row = whole ? 0 : Math.Max(0, window.Window.FirstGiven - first); row < count; row++)
        {
            stream.Add(rows.Slice(row * Width, Width));
        }

        if (first + count == window.Window.Count)
        {
            stream.End();
        }
    }
}
