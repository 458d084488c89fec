using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;
using Jukebox.Recordings.Embeddings;

namespace Jukebox.Recordings.VectorFiles;

/// <summary>How an input ended.</summary>
public enum EmbeddingState
{
    /// <summary>Its vectors are there.</summary>
    Done,

    /// <summary>It was left out, as the settings want it.</summary>
    Skipped,

    /// <summary>It could not be read, or made no vectors.</summary>
    Failed,
}

/// <summary>A line of the manifest: what became of an input.</summary>
public sealed record EmbeddingRecord
{
    /// <summary>Name of the input's results below the folder, without an ending; what tells inputs apart.</summary>
    public required string Name { get; init; }

    /// <summary>The input as it was given, with its stretch or item.</summary>
    public required string Input { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long Bytes { get; init; }

    /// <summary>When it was last written to.</summary>
    public DateTime Modified { get; init; }

    /// <summary>SHA-256 of the file, where that was asked for.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Audio samples at the model's rate; none of codes.</summary>
    public long? Samples { get; init; }

    /// <summary>Length in seconds.</summary>
    public double Seconds { get; init; }

    /// <summary>Windows that were computed.</summary>
    public long Windows { get; init; }

    /// <summary>The files.</summary>
    public EmbeddingOutput[] Outputs { get; init; } = [];

    /// <summary><see cref="EmbeddingSettings.Fingerprint"/>.</summary>
    public required string Settings { get; init; }

    /// <summary>SHA-256 of the codes, 32 bits each, window after window.</summary>
    public string? CodesSha256 { get; init; }

    /// <summary>How it ended.</summary>
    public required EmbeddingState State { get; init; }

    /// <summary>Why it was left out or failed; or what is to be said of it.</summary>
    public string? Sentence { get; init; }

    /// <summary>Seconds from its first window to its files.</summary>
    public double SecondsTaken { get; init; }
}

/// <summary>
/// What became of the inputs of a run, a line of JSON each, in a file of each shard's own. A line is written when the files that it names are in
/// place and on the disk. The last line of an input counts; a line that was cut off by a kill counts as none.
/// </summary>
public sealed partial class EmbeddingManifest : IDisposable
{
    private const string Stem = "embed";
    private const string Ending = ".jsonl";
    private const string Remedy = "delete the line, and what it was of is computed again";

    private readonly FileStream _stream;

    private EmbeddingManifest(string path, FileStream stream) => (Path, _stream) = (path, stream);

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The manifest of a shard.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="shard">The shard, from 1.</param>
    /// <param name="shards">How many there are.</param>
    public static string PathOf(string folder, int shard, int shards) =>
        System.IO.Path.Combine(folder, shards == 1 ? Stem + Ending : FormattableString.Invariant($"{Stem}.{shard}-of-{shards}{Ending}"));

    /// <summary>The manifests in a folder of results, in the order of their names.</summary>
    public static string[] In(string folder) =>
        [.. Directory.EnumerateFiles(folder, $"{Stem}*{Ending}").Where(path => Name().IsMatch(System.IO.Path.GetFileName(path))).Order(StringComparer.Ordinal)];

    /// <summary>Opens a manifest to add to; another process that has it open keeps it.</summary>
    /// <exception cref="RecordingException">Another process has it.</exception>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static EmbeddingManifest Open(string path)
    {
        FileStream stream;
        try
        {
            stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (IOException e) when (FileFailure.IsInUse(e))
        {
            throw new RecordingException(
                $"'{path}' is open in another program: the same shard is being computed already; wait for it, or choose another folder.", e);
        }

        // What a kill cut off ends before the next line.
        if (stream.Length > 0)
        {
            stream.Position = stream.Length - 1;
            if (stream.ReadByte() != '\n')
            {
                stream.WriteByte((byte)'\n');
            }
        }

        stream.Position = stream.Length;
        return new EmbeddingManifest(path, stream);
    }

    /// <summary>The last line of each input, by its name.</summary>
    /// <param name="path">The manifest; one that is not there has no lines.</param>
    /// <exception cref="DamagedFileException">A line is none of a manifest, nor the beginning of one.</exception>
    public static Dictionary<string, EmbeddingRecord> Read(string path)
    {
        var records = new Dictionary<string, EmbeddingRecord>(StringComparer.Ordinal);
        if (!File.Exists(path))
        {
            return records;
        }

        using FileStream stream = RegularFile.OpenRead(path, Remedy);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        for (int number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (Parse(line) is { } record)
            {
                records[record.Name] = record;
            }
            else if (!IsCutOff(line))
            {
                throw new DamagedFileException(path, -1, $"line {number} is not what was written: '{PlainText.Of(line[..Math.Min(line.Length, 40)])}'", Remedy);
            }
        }

        return records;
    }

    /// <summary>Adds a line, and waits until it is on the disk.</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public void Add(EmbeddingRecord record)
    {
        byte[] line = LineOf(record);
        _ = DurableFile.Guard(Path, () =>
        {
            _stream.Write(line);
            _stream.Flush(flushToDisk: true);
            return true;
        });
    }

    /// <summary>A line of a manifest.</summary>
    public static byte[] LineOf(EmbeddingRecord record) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(record, EmbeddingRecordJson.Default.EmbeddingRecord), (byte)'\n'];

    /// <summary>Forgets every line: everything is made anew.</summary>
    public void Clear() => _stream.SetLength(0);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    [GeneratedRegex(@"^embed(\.\d{1,7}-of-\d{1,7})?\.jsonl$")]
    private static partial Regex Name();

    private static EmbeddingRecord? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, EmbeddingRecordJson.Default.EmbeddingRecord);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a line is the beginning of one, as a kill leaves it.</summary>
    private static bool IsCutOff(string line)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line), isFinalBlock: false, default);
        try
        {
            while (reader.Read())
            {
                // Nothing is wrong so far.
            }

            return line.StartsWith('{') && (reader.CurrentDepth > 0 || reader.TokenType != JsonTokenType.EndObject);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Serialisation code made at compile time, so that trimmed builds have it.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(LowerCaseEnum<EmbeddingState>)])]
[JsonSerializable(typeof(EmbeddingRecord))]
internal sealed partial class EmbeddingRecordJson : JsonSerializerContext;
