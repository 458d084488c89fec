using System.Text.Json;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;
using Jukebox.Songs.Journal;

namespace Jukebox.Songs.Request;

/// <summary>Which model a song is made with.</summary>
/// <param name="Path">Its folder when the song was begun.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Fingerprint">Hash of its weights: what must be the same to resume.</param>
public sealed record ModelReference(string Path, string Name, string Fingerprint);

/// <summary>
/// <c>song.json</c>: a request with every default filled in, and what follows from it. It is written once, before
/// the first token, and holds no times of day, so that two runs of one request write the same bytes.
/// </summary>
public sealed record SongDescription
{
    /// <summary>What this version writes.</summary>
    public const string CurrentFormat = "jukebox-native-song/2";

    /// <summary>What version 0.1 wrote: its journals say nothing of the request. A song that began so goes on so.</summary>
    public const string FirstFormat = "jukebox-native-song/1";

    private const string Remedy = "put the original back, or sample into a new folder";

    /// <summary>Format of the folder.</summary>
    public string Format { get; init; } = CurrentFormat;

    /// <summary>The model.</summary>
    public required ModelReference Model { get; init; }

    /// <summary>
    /// The <see cref="IBackend.Arithmetic"/> that the song was begun with: another one may draw other codes. None in
    /// songs of earlier versions.
    /// </summary>
    public string? Device { get; init; }

    /// <summary>Samples per second.</summary>
    public required int SampleRateHz { get; init; }

    /// <summary>Samples of audio of each item.</summary>
    public required long SampleLength { get; init; }

    /// <summary>By level: how many tokens of each item come from the prompt or the source.</summary>
    public required int[] KnownTokens { get; init; }

    /// <summary>Audio samples per token, by level.</summary>
    public required int[] SamplesPerToken { get; init; }

    /// <summary>Codes of every level: 0 … size − 1.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>By level: how many lyric tokens its prior can draw between music codes; 0 for most.</summary>
    public required int[] LyricTokens { get; init; }

    /// <summary>The request, resolved: every member that matters for its mode is there; lists have one entry per item.</summary>
    public required SampleRequest Request { get; init; }

    /// <summary>Indices of the items: they key the draws and name the files.</summary>
    public int[] Items => Request.Items!;

    /// <summary>Seed of every draw.</summary>
    public ulong Seed => Request.Seed!.Value;

    /// <summary>Length of the imagined whole song in samples.</summary>
    public long TotalSamples => (long)Math.Round(Request.TotalSeconds!.Value * SampleRateHz);

    /// <summary>Where in it the audio starts.</summary>
    public long OffsetSamples => (long)Math.Round(Request.OffsetSeconds!.Value * SampleRateHz);

    /// <summary>Settings of a level.</summary>
    public LevelRequest Level(int level) => Array.Find(Request.Levels!, settings => settings.Level == level)
        ?? throw new ArgumentException($"the song has no settings for level {level}", nameof(level));

    /// <summary>How tokens of a level are drawn.</summary>
    public SamplingRule Rule(int level)
    {
        LevelRequest settings = Level(level);
        return new SamplingRule((float)settings.Temperature!.Value, settings.TopK!.Value, (float)settings.TopP!.Value);
    }

    /// <summary>Tokens of each item at a level in the end.</summary>
    public int TokensAt(int level) => Request.SampleLevels!.Contains(level)
        ? checked((int)(SampleLength / SamplesPerToken[level]))
        : KnownTokens[level];

    /// <summary>What the journal of a level is of.</summary>
    public JournalHeader JournalHeader(int level) =>
        new(level, Items, CodebookSize, LyricTokens[level], TokensAt(level), Model.Fingerprint, Format == FirstFormat ? null : SongIdentity.Of(this));

    /// <summary>Reads a description.</summary>
    /// <exception cref="DamagedFileException">It is not valid, or of another format.</exception>
    public static SongDescription Read(string path)
    {
        byte[] json = SealedJson.Read(path, Remedy);
        try
        {
            SongDescription song = JsonSerializer.Deserialize(json, RequestJson.Default.SongDescription) ?? throw new JsonException("it is null");
            if (song.Format is not (CurrentFormat or FirstFormat))
            {
                throw new DamagedFileException(path, -1, $"its format is '{song.Format}', this version reads '{CurrentFormat}'", "use the version that wrote it");
            }

            return SongChecks.Problem(song) is { } problem ? throw new DamagedFileException(path, -1, $"it makes no sense: {problem}", Remedy) : song;
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, e.BytePositionInLine ?? -1, $"it is not valid ({JsonMistake.Of(e)})", Remedy, e);
        }
    }

    /// <summary>The bytes of <c>song.json</c>.</summary>
    public byte[] ToJson()
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(this, RequestJson.Default.SongDescription);
        return Format == FirstFormat ? [.. json, (byte)'\n'] : SealedJson.Seal(json);
    }
}
