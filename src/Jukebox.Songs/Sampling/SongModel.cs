using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Sampling;

/// <summary>Builds the labels of an item as the prior of a level reads them.</summary>
/// <param name="prior">The prior.</param>
/// <param name="samplesPerToken">Audio samples per token of its level.</param>
/// <param name="label">Artist, genre and lyrics.</param>
/// <param name="totalSamples">Length of the imagined whole song.</param>
/// <param name="offsetSamples">Where in it the audio starts.</param>
public delegate ItemLabels LabelBuilder(PriorSpec prior, int samplesPerToken, SongLabel label, long totalSamples, long offsetSamples);

/// <summary>A model folder on a device, as a <see cref="Sampler"/> uses it. The caller disposes folder and backend after it.</summary>
public sealed class SongModel : ISongModel
{
    private readonly ModelFolder _folder;
    private readonly IBackend _backend;
    private readonly LabelBuilder _buildLabels;
    private readonly Dictionary<(int Level, SongLabel Label, long Total, long Offset), ItemLabels> _labels = [];
    private VqVae? _vqVae;
    private int? _decodedLevel; // whose scratch is held

    /// <summary>Uses a model folder on a device.</summary>
    /// <param name="folder">The model.</param>
    /// <param name="backend">The device.</param>
    /// <param name="buildLabels">Other labels than those that the folder's tables give.</param>
    public SongModel(ModelFolder folder, IBackend backend, LabelBuilder? buildLabels = null)
    {
        _folder = folder;
        _backend = backend;
        _buildLabels = buildLabels ?? FromTables(LabelTables.Open(folder.Path));
    }

    /// <inheritdoc/>
    public ModelDescription Description => _folder.Description;

    /// <inheritdoc/>
    public string Fingerprint => _folder.Fingerprint;

    /// <summary>The VQ-VAE, loaded at its first use.</summary>
    private VqVae VqVae => _vqVae ??= VqVae.Load(_backend, _folder.OpenVqVae(), Description.VqVae);

    /// <summary>How a song that is made with the folder names it.</summary>
    public static ModelReference Reference(ModelFolder folder) =>
        new(Path.GetFullPath(folder.Path), folder.Description.Name, folder.Fingerprint);

    /// <summary>Opens a stretch of a recording, in any format that <see cref="AudioFile"/> takes.</summary>
    public static MonoAudio ReadPrompt(PromptRequest prompt, int sampleRateHz) => PromptReaderWith(null)(prompt, sampleRateHz);

    /// <summary>The same, and what is to be said of the recordings is told.</summary>
    public static PromptReader PromptReaderWith(Action<string>? note) => (prompt, sampleRateHz) =>
        AudioFile.Open(new AudioRange(prompt.File, prompt.StartSeconds, prompt.EndSeconds), sampleRateHz, note: note);

    /// <inheritdoc/>
    public IPriorRun OpenPrior(int level, int batchSize, int primeChunk)
    {
        Prior prior = Prior.Load(_backend, _folder, level);
        try
        {
            return new OwningRun(prior, prior.CreateRun(batchSize, primeChunk));
        }
        catch
        {
            prior.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public long[] LabelRow(int level, SongLabel label, long totalSamples, long offsetSamples, int startToken) =>
        LabelsOf(level, label, totalSamples, offsetSamples).ForWindow(startToken).Row;

    /// <inheritdoc/>
    public int RightContextTokens(int level) => VqVae.RightContextTokens(level);

    /// <inheritdoc/>
    public float[] Decode(int level, ReadOnlyMemory<int> codes, int start, int count)
    {
        if (_decodedLevel != level)
        {
            _vqVae?.FreeScratch(); // a song goes from level to level, and does not come back
            _decodedLevel = level;
        }

        return VqVae.Decode(level, codes, start, count);
    }

    /// <inheritdoc/>
    public int[][] Encode(MonoAudio audio, long lengthSamples, out long availableSamples)
    {
        int[][] codes = [.. Enumerable.Range(0, Description.VqVae.Levels).Select(level => new int[lengthSamples / Description.VqVae.SamplesPerToken(level)])];
        var samples = new RecordingSamples(audio);
        try
        {
            VqVae.Encode(lengthSamples, samples.Read, (level, first, block) => block.CopyTo(codes[level].AsSpan((int)first)));
        }
        finally
        {
            VqVae.FreeScratch(); // of all levels at once, and only the beginning of a song is encoded
        }

        availableSamples = lengthSamples - samples.MissingSamples;
        return codes;
    }

    /// <inheritdoc/>
    public LyricAttention? Align(SongLabel label, int[] codes, long totalSamples, long offsetSamples, int hopTokens)
    {
        PriorSpec prior = _folder.PriorOf(Description.VqVae.Levels - 1);
        ItemLabels labels = LabelsOf(prior.Level, label, totalSamples, offsetSamples);
        string text = labels.Lyrics?.Text ?? label.Lyrics;
        if (prior.AlignmentLayer is null || labels.LyricTokens.Length == 0)
        {
            return null;
        }

        return new LyricAttention(text, labels.LyricTokens.Length, codes.Length, AlignmentWindows(prior, labels, codes, hopTokens));
    }

    /// <summary>Frees the VQ-VAE's device memory.</summary>
    public void Dispose() => _vqVae?.Dispose();

    /// <summary>The windows of one item, computed one after the other.</summary>
    private IEnumerable<AlignmentWindow> AlignmentWindows(PriorSpec prior, ItemLabels labels, int[] codes, int hopTokens)
    {
        var padded = new int[Math.Max(codes.Length, prior.ContextLength)];
        codes.CopyTo(padded, 0);
        using Prior weights = Prior.Load(_backend, _folder, prior.Level);
        using PriorRun run = weights.CreateRun(1);
        foreach (int start in WindowStarts.Of(padded.Length, prior.ContextLength, hopTokens))
        {
            WindowLabels window = labels.ForWindow(start);
            float[,] attention = run.AlignmentAttention(new PriorWindow
            {
                StartToken = start,
                Items = [0],
                Labels = [window.Row],
                Known = [padded[start..(start + prior.ContextLength)]],
                Rule = new SamplingRule(),
                Seed = 0,
            })[0];
            yield return new AlignmentWindow(start, attention, window.LyricIndices);
        }
    }

    private static LabelBuilder FromTables(LabelTables tables) => (prior, samplesPerToken, label, totalSamples, offsetSamples) =>
        ItemLabels.Build(prior, samplesPerToken, tables, new LabelRequest
        {
            Artist = label.Artist,
            Genre = label.Genre,
            Lyrics = label.Lyrics,
            TotalSamples = totalSamples,
            OffsetSamples = offsetSamples,
        });

    private ItemLabels LabelsOf(int level, SongLabel label, long totalSamples, long offsetSamples)
    {
        if (!_labels.TryGetValue((level, label, totalSamples, offsetSamples), out ItemLabels? labels))
        {
            labels = _buildLabels(_folder.PriorOf(level), Description.VqVae.SamplesPerToken(level), label, totalSamples, offsetSamples);
            _labels.Add((level, label, totalSamples, offsetSamples), labels);
        }

        return labels;
    }

    /// <summary>A run that frees its prior's weights with itself.</summary>
    private sealed class OwningRun(Prior prior, PriorRun run) : IPriorRun
    {
        public PriorSpec Spec => run.Spec;

        public int BatchSize => run.BatchSize;

        public void Begin(PriorWindow window) => run.Begin(window);

        public bool PrimeChunk() => run.PrimeChunk();

        public int StepsAtOnce => run.StepsAtOnce;

        public void Step(Span<int> codes) => run.Step(codes);

        public void Dispose()
        {
            run.Dispose();
            prior.Dispose();
        }
    }
}
