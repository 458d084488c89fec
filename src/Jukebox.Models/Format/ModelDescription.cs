using System.Text.Json.Serialization;
using System.Text.Json;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;

namespace Jukebox.Models.Format;

/// <summary>Sampling defaults of one level, as the model's makers used them.</summary>
/// <remarks>Properties with a default can be set, here and in the specs: generated JSON code overwrites absent ones that only initialise.</remarks>
public sealed record LevelDefaults
{
    /// <summary>Temperature.</summary>
    public double Temperature { get; set; } = 0.99;

    /// <summary>Top-k; 0 is off.</summary>
    public int TopK { get; set; }

    /// <summary>Top-p; 0 is off.</summary>
    public double TopP { get; set; }

    /// <summary>Window hop over the context length.</summary>
    public double HopFraction { get; set; } = 0.5;

    /// <summary>
    /// Seconds of the imagined whole song where none are asked for; none for the published three minutes. Read at the top
    /// level, the only one that knows of time.
    /// </summary>
    public double? TotalSeconds { get; set; }
}

/// <summary>
/// <c>model.json</c>: everything about a model that is not a weight. Beside it lie <c>vqvae.safetensors</c>,
/// <c>prior_0.safetensors</c> … and <c>labels/</c>. Linear weights are (Cin, Cout), embeddings (rows, width),
/// convolutions (taps, Cin, Cout), all under the published checkpoints' names; an output matrix that is tied to the
/// embedding is not stored.
/// </summary>
public sealed record ModelDescription
{
    /// <summary>The only value of <see cref="Format"/> that this version reads.</summary>
    public const string CurrentFormat = "jukebox-native/1";

    /// <summary>Name of the description within a model folder.</summary>
    public const string FileName = "model.json";

    private const string Remedy = "convert the checkpoint again";
    private const int LeastRateHz = 1000;
    private const int MostRateHz = 1_000_000;

    /// <summary>Format of the folder.</summary>
    public required string Format { get; init; }

    /// <summary>What people call it: "1b_lyrics".</summary>
    public required string Name { get; init; }

    /// <summary>Samples per second of the audio.</summary>
    public required int SampleRateHz { get; init; }

    /// <summary>The VQ-VAE.</summary>
    public required VqVaeSpec VqVae { get; init; }

    /// <summary>The priors by level; a folder may lack some.</summary>
    public required PriorSpec[] Priors { get; init; }

    /// <summary>Sampling defaults by level.</summary>
    public required LevelDefaults[] Defaults { get; init; }

    /// <summary>Where the weights came from.</summary>
    public required string Origin { get; init; }

    /// <summary>
    /// The same, part by part; none in folders of version 0.1, whose <see cref="Origin"/> has the parts one after the other.
    /// </summary>
    public string[]? Provenance { get; init; }

    /// <summary>Licence of the weights.</summary>
    public required string Licence { get; init; }

    /// <summary>Digest of every weight and label file, by path within the folder.</summary>
    public required SortedDictionary<string, FileDigest> Files { get; init; }

    /// <summary>Where each part came from.</summary>
    public IReadOnlyList<string> Origins() => Provenance ?? PartsOf(Origin);

    /// <summary>The parts of an origin that is one string, as version 0.1 wrote it.</summary>
    public static string[] PartsOf(string origin) => origin.Length == 0 ? [] : origin.Split("; ");

    /// <summary>The same model of another origin.</summary>
    public ModelDescription From(params IReadOnlyList<string> origins) => this with { Origin = string.Join("; ", origins), Provenance = [.. origins] };

    /// <summary>The prior of a level, or none if the folder lacks it.</summary>
    public PriorSpec? PriorOf(int level) => Array.Find(Priors, prior => prior.Level == level);

    /// <summary>
    /// SHA-256, in hexadecimal, over every hyperparameter and the digests of the weight files: two folders with the
    /// same fingerprint draw the same codes. Names, sampling defaults, licences and label tables do not enter.
    /// </summary>
    public string Fingerprint() => ModelIdentity.Of(this);

    /// <summary>Name of a prior's weight file.</summary>
    public static string PriorFileName(int level) => $"prior_{level}.safetensors";

    /// <summary>Name of the VQ-VAE's weight file.</summary>
    public const string VqVaeFileName = "vqvae.safetensors";

    /// <summary>Name of a label table within the folder: <c>labels/v2_artist_ids.txt</c>.</summary>
    public static string LabelFileName(int generation, string kind) => $"labels/v{generation}_{kind}_ids.txt";

    /// <summary>Reads <c>model.json</c> of a folder.</summary>
    /// <exception cref="DamagedFileException">It is not valid, or of a later format.</exception>
    public static ModelDescription Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return Parse(RegularFile.ReadAll(path, SealedJson.LimitBytes, Remedy), path);
    }

    /// <summary>Reads the JSON text of a description.</summary>
    /// <param name="json">The text, UTF-8.</param>
    /// <param name="path">The file that it comes from, for messages.</param>
    /// <exception cref="DamagedFileException">It is not valid, or of a later format.</exception>
    public static ModelDescription Parse(ReadOnlySpan<byte> json, string path)
    {
        byte[] text = SealedJson.Unseal(json, path, Remedy);
        try
        {
            ModelDescription description = JsonSerializer.Deserialize(text, ModelJson.Default.ModelDescription)
                ?? throw new JsonException("it is null");
            if (description.Format != CurrentFormat)
            {
                throw new DamagedFileException(path, -1, $"its format is '{description.Format}', this version reads '{CurrentFormat}'", Remedy);
            }

            return description.Problem() is { } problem
                ? throw new DamagedFileException(path, -1, $"it makes no sense: {problem}", Remedy)
                : description;
        }
        catch (JsonException e)
        {
            throw new DamagedFileException(path, e.BytePositionInLine ?? -1, $"it is not valid ({JsonMistake.Of(e)})", Remedy, e);
        }
    }

    /// <summary>What is inconsistent or out of range in it, or null: checked on reading, before memory is taken.</summary>
    public string? Problem()
    {
        if (Array.Exists(Priors, prior => prior is null) || Array.Exists(Defaults, level => level is null) || Provenance?.Contains(null!) == true || Files.Values.Any(file => file is null))
        {
            return "a list has an empty entry";
        }

        if (Files.Keys.FirstOrDefault(name => !LiesWithin(name)) is { } outside)
        {
            return $"'{outside}' is not the name of a file in its folder";
        }

        if (SampleRateHz is < LeastRateHz or > MostRateHz)
        {
            return $"the sample rate is {SampleRateHz} Hz";
        }

        return SpecValidation.ProblemOf(VqVae)
            ?? Priors.Select(prior => SpecValidation.ProblemOf(prior, VqVae)).FirstOrDefault(problem => problem is not null)
            ?? (Priors.Select(prior => prior.Level).Distinct().Count() != Priors.Length ? "two priors write the same level" : null)
            ?? (Defaults.Length != VqVae.Levels ? $"there are {Defaults.Length} sampling defaults for {VqVae.Levels} levels" : null)
            ?? Defaults.Select(Problem).FirstOrDefault(problem => problem is not null)
            ?? Files.Where(file => file.Value.LengthBytes < 0 || file.Value.Sha256 is null).Select(file => $"'{file.Key}' has no digest").FirstOrDefault();
    }

    private static string? Problem(LevelDefaults level) =>
        level.Temperature is > 0 and < 1e6 && level.TopK >= 0 && level.TopP is >= 0 and <= 1 && !(level.TopK > 0 && level.TopP > 0)
            && level.HopFraction is > 0 and <= 1 && level.TotalSeconds is null or (> 0 and < 1e6)
            ? null
            : $"a level is sampled by default at temperature {level.Temperature}, top-k {level.TopK}, top-p {level.TopP}, hop {level.HopFraction}, total "
                + $"length {level.TotalSeconds}";

    /// <summary>Whether a name leads to nothing but a file below the folder, on every system: these files are copied.</summary>
    private static bool LiesWithin(string name) =>
        !name.AsSpan().ContainsAny("\\:\0") && name.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>Its JSON text, UTF-8, with its digest.</summary>
    public byte[] ToJson() => SealedJson.Seal(JsonSerializer.SerializeToUtf8Bytes(this, ModelJson.Default.ModelDescription));

    /// <summary>Writes <c>model.json</c> into a folder.</summary>
    public void Write(string folder) => DurableFile.WriteAtomically(Path.Combine(folder, FileName), ToJson());
}

/// <summary>Serialisation code made at compile time, so that trimmed builds have it.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    NewLine = "\n",
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(ModelDescription))]
internal sealed partial class ModelJson : JsonSerializerContext;
