using System.Text.Json;
using System.Text.Json.Nodes;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Text;

namespace Jukebox.Training.Settings;

/// <summary>
/// Settings as a person writes them: JSON with the keys that differ from a preset, which the key <c>preset</c> may name. An
/// object is merged key by key, anything else replaces what the preset has; null takes it away.
/// </summary>
public static class SettingsFile
{
    private const int LimitBytes = 1 << 20;
    private const string PresetKey = "preset";
    private const string Remedy = "mend the settings; --print-settings shows every key";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a file of settings.</summary>
    /// <param name="path">The file.</param>
    /// <param name="preset">The preset where the file names none.</param>
    /// <exception cref="DamagedFileException">It is no JSON, a key is unknown, or a value does not fit.</exception>
    /// <exception cref="TrainingException">There is no such preset.</exception>
    public static TrainingSettings Read(string path, string preset)
    {
        try
        {
            if (JsonNode.Parse(TextFile.Read(path, LimitBytes, Remedy), documentOptions: Lenient) is not JsonObject changes)
            {
                throw new JsonException("it is no object");
            }

            string named = !changes.Remove(PresetKey, out JsonNode? name) ? preset
                : name is JsonValue value && value.TryGetValue(out string? text) ? text
                : throw new JsonException($"'{PresetKey}' is no name");
            JsonObject settings = JsonSerializer.SerializeToNode(TrainingPresets.Find(named), TrainingJson.Default.TrainingSettings)!.AsObject();
            Merge(settings, changes);
            return settings.Deserialize(TrainingJson.Default.TrainingSettings) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new DamagedFileException(path, -1, $"it is not valid ({Said(e)})", Remedy, e);
        }
    }

    /// <summary>Settings as <see cref="Read"/> takes them, every key.</summary>
    /// <exception cref="TrainingException">One is infinite, as 1e999 is when it is read.</exception>
    public static string Write(TrainingSettings settings)
    {
        try
        {
            return JsonSerializer.Serialize(settings, TrainingJson.Default.TrainingSettings);
        }
        catch (ArgumentException e)
        {
            throw new TrainingException("One of the settings is beyond all numbers (1e999, say), and no such number can be written; give a smaller one.", e);
        }
    }

    private static void Merge(JsonObject target, JsonObject changes)
    {
        foreach ((string key, JsonNode? value) in changes)
        {
            if (value is JsonObject inner && target[key] is JsonObject existing)
            {
                Merge(existing, inner);
            }
            else
            {
                target[key] = value?.DeepClone();
            }
        }
    }

    /// <summary>The mistake in the file's terms. Only the name of a key that is unknown must be cut out of the serialiser's message.</summary>
    private static string Said(Exception e) => e switch
    {
        _ when e.Message.Split('\'') is [_, string key, string rest, ..] && rest.Contains("could not be mapped", StringComparison.Ordinal) => $"there is no setting '{key}'",
        JsonException json => JsonMistake.Of(json, withPlace: json.Path is null), // a path is one of the preset and the file together
        ArgumentException => "the same name stands there twice", // what an object of JSON's nodes throws for it
        _ => e.Message,
    };
}
