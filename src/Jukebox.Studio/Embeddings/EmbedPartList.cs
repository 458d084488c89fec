using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Studio.Embeddings;

/// <summary>What a part was last begun with, in a file beside its manifest: it tells a part that is complete from one that ended early.</summary>
internal sealed record EmbedPartList
{
    private const string Remedy = "give the command of this part again, which writes it anew";

    /// <summary>Inputs of all parts together.</summary>
    public required int Inputs { get; init; }

    /// <summary>SHA-256 of the names of all of them: parts of different lists share inputs or leave some out.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Names of this part's.</summary>
    [JsonIgnore]
    public string[] Names { get; init; } = [];

    /// <summary>Writes the list: a line of the whole, then a name a line, as JSON.</summary>
    /// <param name="manifest">The part's manifest.</param>
    /// <param name="all">The inputs of all parts.</param>
    /// <param name="own">Those of this part.</param>
    /// <exception cref="StorageException">The disk is full.</exception>
    public static void Write(string manifest, IReadOnlyList<EmbedInput> all, IReadOnlyList<EmbedInput> own)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (EmbedInput input in all)
        {
            hash.AppendData(LineOf(input.Name));
        }

        var list = new EmbedPartList { Inputs = all.Count, Sha256 = Convert.ToHexStringLower(hash.GetHashAndReset()) };
        DurableFile.WriteAtomically(PathOf(manifest), stream =>
        {
            stream.Write([.. JsonSerializer.SerializeToUtf8Bytes(list, EmbedPartListJson.Default.EmbedPartList), (byte)'\n']);
            foreach (EmbedInput input in own)
            {
                stream.Write(LineOf(input.Name));
            }
        });
    }

    /// <summary>Reads the list beside a manifest; none where there is none.</summary>
    /// <exception cref="DamagedFileException">A line is not what was written.</exception>
    public static EmbedPartList? Read(string manifest)
    {
        string path = PathOf(manifest);
        if (!RegularFile.Exists(path))
        {
            return null;
        }

        using FileStream stream = RegularFile.OpenRead(path, Remedy);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        int number = 1;
        try
        {
            EmbedPartList list = JsonSerializer.Deserialize(reader.ReadLine() ?? "", EmbedPartListJson.Default.EmbedPartList) ?? throw new JsonException();
            var names = new List<string>();
            for (number++; reader.ReadLine() is { } line; number++)
            {
                names.Add(JsonSerializer.Deserialize(line, EmbedPartListJson.Default.String) ?? throw new JsonException());
            }

            return list with { Names = [.. names] };
        }
        catch (JsonException)
        {
            throw new DamagedFileException(path, -1, $"line {number} is not what was written", Remedy);
        }
    }

    /// <summary>Name of the list beside a manifest; results end otherwise, and manifests begin otherwise.</summary>
    public static string NameOf(string manifest) => "inputs" + Path.GetFileName(manifest)["embed".Length..];

    private static string PathOf(string manifest) => Path.Combine(Path.GetDirectoryName(manifest) ?? "", NameOf(manifest));

    private static byte[] LineOf(string name) => [.. JsonSerializer.SerializeToUtf8Bytes(name, EmbedPartListJson.Default.String), (byte)'\n'];
}

/// <summary>Serialisation code made at compile time, so that trimmed builds have it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(EmbedPartList))]
[JsonSerializable(typeof(string))]
internal sealed partial class EmbedPartListJson : JsonSerializerContext;
