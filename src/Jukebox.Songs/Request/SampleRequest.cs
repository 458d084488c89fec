using System.Text.Json.Serialization;
using System.Text.Json;
using System.Text;
using Jukebox.Core.Text;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;

namespace Jukebox.Songs.Request;

/// <summary>What the first codes of a song are.</summary>
public enum SamplingMode
{
    /// <summary>None: everything is sampled.</summary>
    Ancestral,

    /// <summary>The codes of a recording, at every level.</summary>
    Primed,

    /// <summary>The codes of another song, which goes on.</summary>
    Continue,

    /// <summary>The coarse codes of another song, which gets its finer levels.</summary>
    Upsample,
}

/// <summary>A stretch of a recording; the end is the recording's where it is not given.</summary>
/// <param name="File">The recording, of any format and rate.</param>
/// <param name="StartSeconds">First instant, from the start of the recording.</param>
/// <param name="EndSeconds">Last instant, exclusive.</param>
/// <param name="Sha256">Digest of the file in a resolved request, unless it is none that can be read again.</param>
public sealed record PromptRequest(string File, double StartSeconds = 0, double? EndSeconds = null, string? Sha256 = null);

/// <summary>
/// The song folder that a song goes on from, or is the finer version of. <paramref name="Items"/> are indices of its
/// items; all where not given. The stretch is the whole song where not given. A resolved request has the song's <see cref="SongIdentity"/>.
/// </summary>
public sealed record SourceRequest(string Song, int[]? Items = null, double StartSeconds = 0, double? EndSeconds = null, string? Identity = null);

/// <summary>How one level is sampled; what is not given is the model's default.</summary>
public sealed record LevelRequest
{
    /// <summary>Level, 0 being the finest.</summary>
    public required int Level { get; init; }

    /// <summary>Positive; 1 is the model's own distribution.</summary>
    public double? Temperature { get; init; }

    /// <summary>Draw among the k most probable codes; 0 is off.</summary>
    public int? TopK { get; init; }

    /// <summary>Draw among the codes that make up this share of the probability; 0 is off.</summary>
    public double? TopP { get; init; }

    /// <summary>New tokens of a window over its length.</summary>
    public double? HopFraction { get; init; }

    /// <summary>Most items computed side by side.</summary>
    public int? BatchSize { get; init; }
}

/// <summary>
/// What a person asks for: the JSON that the command line, <c>song.json</c> and other callers share. Everything is
/// optional; <c>RequestResolver</c> fills in the rest.
/// </summary>
public sealed record SampleRequest
{
    /// <summary>Where the first codes come from; follows from <see cref="Prompts"/> and <see cref="Source"/> where not given.</summary>
    public SamplingMode? Mode { get; init; }

    /// <summary>Artist, genre and lyrics: one for all items, or one for each (a shorter list is repeated).</summary>
    public SongLabel[]? Labels { get; init; }

    /// <summary>Length of the audio, prompt or source included; 20 by default.</summary>
    public double? Seconds { get; init; }

    /// <summary>Length that a continued song gains; instead of <see cref="Seconds"/>.</summary>
    public double? MoreSeconds { get; init; }

    /// <summary>
    /// How long the imagined whole song is: a label, not a length of audio. By default <see cref="LevelDefaults.TotalSeconds"/>, within what the model knows.
    /// </summary>
    public double? TotalSeconds { get; init; }

    /// <summary>Where in the imagined song the audio starts: a label too.</summary>
    public double? OffsetSeconds { get; init; }

    /// <summary>How many items; 1 by default.</summary>
    public int? Count { get; init; }

    /// <summary>Indices of the items, which key their draws, where only some are wanted; 0 … count − 1 by default.</summary>
    public int[]? Items { get; init; }

    /// <summary>Keys every draw; drawn by chance where not given.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Levels to sample; by default all that the mode calls for and the model has.</summary>
    public int[]? SampleLevels { get; init; }

    /// <summary>Settings by level; levels that are not listed have the model's defaults.</summary>
    public LevelRequest[]? Levels { get; init; }

    /// <summary>Known tokens loaded at once; changes memory and speed, not the result.</summary>
    public int? PrimeChunk { get; init; }

    /// <summary>Recordings to go on from, one for each item (a shorter list is repeated); all of one length.</summary>
    public PromptRequest[]? Prompts { get; init; }

    /// <summary>Song to go on from or to refine.</summary>
    public SourceRequest? Source { get; init; }

    /// <summary>Reads a request, or that of a song where the file is a <c>song.json</c>. A byte order mark is passed over.</summary>
    /// <exception cref="SamplingException">It is not valid JSON, or has a member that no request has.</exception>
    public static SampleRequest Parse(ReadOnlySpan<byte> json, string name)
    {
        if (json.StartsWith(Encoding.UTF8.Preamble))
        {
            json = json[Encoding.UTF8.Preamble.Length..];
        }

        ReadOnlySpan<byte> part = json;
        try
        {
            part = RequestIn(json);
            SampleRequest request = JsonSerializer.Deserialize(part, RequestJson.Default.SampleRequest) ?? throw new JsonException("it is null");
            return request.Mistake() is { } mistake ? throw new SamplingException($"{name} is not a valid request: {mistake}.") : request;
        }
        catch (JsonException e)
        {
            throw new SamplingException($"{name} is not a valid request: {JsonMistake.Of(e, withPlace: part.Length == json.Length)}.", e);
        }
    }

    /// <summary>What JSON lets through and no request means; or null.</summary>
    private string? Mistake() =>
        Mode is { } mode && !Enum.IsDefined(mode) ? $"there is no mode {mode}; the modes are {string.Join(", ", Enum.GetNames<SamplingMode>())}"
        : HasNull(Labels) ? "labels hold null where a label belongs"
        : HasNull(Levels) ? "levels hold null where settings of a level belong"
        : HasNull(Prompts) ? "prompts hold null where a recording belongs"
        : Levels?.GroupBy(level => level.Level).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"level {twice.Key} is set twice"
        : null;

    private static bool HasNull<T>(T[]? values)
        where T : class => values is not null && Array.Exists(values, value => value is null);

    /// <summary>What a member of that name holds, as songs have one, or all of it.</summary>
    private static ReadOnlySpan<byte> RequestIn(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("request"u8))
            {
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                return json[start..(int)reader.BytesConsumed];
            }
        }

        return json;
    }
}

/// <summary>Serialisation code made at compile time, so that trimmed builds have it.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    IgnoreReadOnlyProperties = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(SampleRequest))]
[JsonSerializable(typeof(SongDescription))]
internal sealed partial class RequestJson : JsonSerializerContext;
