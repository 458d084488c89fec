using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jukebox.Recordings.Embeddings;

/// <summary>What is made of the rows over time.</summary>
public enum Pooling
{
    /// <summary>Every row stays.</summary>
    None,

    /// <summary>Their mean, summed in double precision.</summary>
    Mean,

    /// <summary>The largest of each column.</summary>
    Max,
}

/// <summary>A stretch of a recording that something is done over.</summary>
public enum EmbeddingScope
{
    /// <summary>Each window by itself.</summary>
    Window,

    /// <summary>The file: all its windows; for the peak, all of it, even where a stretch was asked for.</summary>
    File,

    /// <summary>What was asked for of the file: a stretch, or all of it.</summary>
    Stretch,

    /// <summary>Each slice by itself.</summary>
    Slice,
}

/// <summary>How rows get another rate.</summary>
public enum FrameResampling
{
    /// <summary><see cref="FourierResampling"/>, window by window.</summary>
    Fft,

    /// <summary>Means of whole groups of tokens; the true rate is that of the group.</summary>
    Average,

    /// <summary>Straight lines between the rows.</summary>
    Linear,
}

/// <summary>What becomes of a clip that is shorter than a window.</summary>
public enum ShortClips
{
    /// <summary>Silence follows it, as audio; its own tokens are kept.</summary>
    Pad,

    /// <summary>It is taken as it is.</summary>
    Keep,

    /// <summary>It is an error.</summary>
    Refuse,

    /// <summary>It is left out with a note.</summary>
    Skip,
}

/// <summary>What the encoder hears of a recording behind a window.</summary>
public enum BeyondWindow
{
    /// <summary>What follows, up to 25 s from the window's start.</summary>
    Heard,

    /// <summary>Nothing.</summary>
    Silent,
}

/// <summary>What audio is divided by.</summary>
public enum Normalisation
{
    /// <summary>Its largest magnitude; silence stays silence.</summary>
    Peak,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>What the model is told of times.</summary>
public enum LabelTimes
{
    /// <summary>That every window begins a song of 62 s, or of the length that is given.</summary>
    Fixed,

    /// <summary>Where in its recording the window lies.</summary>
    Real,
}

/// <summary>How overlapping windows are given out.</summary>
public enum KeptWindows
{
    /// <summary>One after the other, every moment once, from the window that gives it the longest past.</summary>
    Merged,

    /// <summary>Each whole.</summary>
    Windows,
}

/// <summary>What kind of file vectors are written to.</summary>
public enum EmbeddingFormat
{
    /// <summary>numpy's array, one for each layer.</summary>
    Npy,

    /// <summary>numpy's archive: <c>layer_36</c>, …, <c>times</c>.</summary>
    Npz,

    /// <summary>safetensors: the same tensors.</summary>
    Safetensors,

    /// <summary>Parquet: a row a frame, the vector a list of floats.</summary>
    Parquet,
}

/// <summary>How a number of a vector is stored.</summary>
public enum EmbeddingType
{
    /// <summary>IEEE single.</summary>
    F32,

    /// <summary>IEEE half.</summary>
    F16,
}

/// <summary>Everything that decides which numbers come out, and into which files. <see cref="EmbeddingPresets"/> has those of the published extractors.</summary>
public sealed record EmbeddingSettings
{
    /// <summary>Goes up whenever the same settings, model and audio would give other numbers than before.</summary>
    private const int ArithmeticVersion = 1;

    /// <summary>The preset that the rest comes from.</summary>
    public required string Preset { get; init; }

    /// <summary>Layers, ascending: k is the output of the k-th block, 0 the input of the first.</summary>
    public required int[] Layers { get; init; }

    /// <summary>What is made of the rows, after <see cref="Fps"/>.</summary>
    public Pooling Pool { get; init; }

    /// <summary>Over what: a window, or the file.</summary>
    public EmbeddingScope PoolOver { get; init; } = EmbeddingScope.Window;

    /// <summary>Frames per second; none for one a token.</summary>
    public double? Fps { get; init; }

    /// <summary>How to come by them.</summary>
    public FrameResampling Resample { get; init; }

    /// <summary>Whether rows are averaged between given times; the times themselves belong to the inputs.</summary>
    public bool BetweenTimes { get; init; }

    /// <summary>Length of a window; none for the model's.</summary>
    public double? WindowSeconds { get; init; }

    /// <summary>From window to window; none for the first window alone.</summary>
    public double? HopSeconds { get; init; }

    /// <summary>Whether every moment is given once.</summary>
    public KeptWindows Keep { get; init; }

    /// <summary>What becomes of short clips.</summary>
    public ShortClips Short { get; init; } = ShortClips.Keep;

    /// <summary>What the encoder hears behind a window.</summary>
    public BeyondWindow Beyond { get; init; }

    /// <summary>Length of EDGE's slices; none for no slices.</summary>
    public double? SliceSeconds { get; init; }

    /// <summary>From slice to slice.</summary>
    public double? SliceHopSeconds { get; init; }

    /// <summary>Whether slices pass through 16 bits.</summary>
    public bool SlicePcm16 { get; init; }

    /// <summary>What audio is divided by.</summary>
    public Normalisation Normalise { get; init; }

    /// <summary>The peak of what: the file, the stretch or the slice.</summary>
    public EmbeddingScope NormaliseOver { get; init; } = EmbeddingScope.Stretch;

    /// <summary>What the model is told of times.</summary>
    public LabelTimes Labels { get; init; }

    /// <summary>Artist; empty for unknown.</summary>
    public string Artist { get; init; } = "";

    /// <summary>Genre; empty for unknown.</summary>
    public string Genre { get; init; } = "";

    /// <summary>Length of the song that the model is told of; none for 62 s, or with <see cref="LabelTimes.Real"/> the recording's own.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>Kind of file.</summary>
    public EmbeddingFormat Format { get; init; }

    /// <summary>Storage of a number.</summary>
    public EmbeddingType Dtype { get; init; }

    /// <summary>Whether the codes are kept beside.</summary>
    public bool Codes { get; init; }

    /// <summary>Whether a clip becomes one vector, an array of one dimension.</summary>
    [JsonIgnore]
    public bool IsOneVector => Pool != Pooling.None && (PoolOver == EmbeddingScope.File || HopSeconds is null);

    /// <summary>The settings as JSON, every one.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, EmbeddingJson.Default.EmbeddingSettings);

    /// <summary>What tells results apart: settings, model, how its matrices are stored, and this program's arithmetic.</summary>
    /// <param name="model">The model's fingerprint.</param>
    /// <param name="storage">How a device stores matrices, where that decides bits; "f32" on the processor.</param>
    public string Fingerprint(string model, string storage) => Convert.ToHexStringLower(SHA256.HashData(
        JsonSerializer.SerializeToUtf8Bytes(new EmbeddingIdentity(ArithmeticVersion, model, storage, this with { Preset = "" }), EmbeddingJson.Default.EmbeddingIdentity)))[..16];
}

/// <summary>What a fingerprint is of.</summary>
internal sealed record EmbeddingIdentity(int Arithmetic, string Model, string Storage, EmbeddingSettings Settings);

/// <summary>Values as options spell them.</summary>
internal sealed class LowerCaseEnum<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower)
    where T : struct, Enum;

/// <summary>Serialisation code made at compile time, so that trimmed builds have it.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    Converters =
    [
        typeof(LowerCaseEnum<Pooling>), typeof(LowerCaseEnum<EmbeddingScope>), typeof(LowerCaseEnum<FrameResampling>), typeof(LowerCaseEnum<KeptWindows>),
        typeof(LowerCaseEnum<ShortClips>), typeof(LowerCaseEnum<BeyondWindow>), typeof(LowerCaseEnum<Normalisation>), typeof(LowerCaseEnum<LabelTimes>),
        typeof(LowerCaseEnum<EmbeddingFormat>), typeof(LowerCaseEnum<EmbeddingType>),
    ])]
[JsonSerializable(typeof(EmbeddingSettings))]
[JsonSerializable(typeof(EmbeddingIdentity))]
internal sealed partial class EmbeddingJson : JsonSerializerContext;
