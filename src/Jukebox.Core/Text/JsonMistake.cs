using System.Text.Json;

namespace Jukebox.Core.Text;

/// <summary>What is wrong with JSON, for whoever wrote it: without the names that this program's own types have.</summary>
public static class JsonMistake
{
    /// <summary>A clause without a full stop, with the place where that is known.</summary>
    /// <param name="error">What the reader says.</param>
    /// <param name="withPlace">Whether the line is one of what the person wrote.</param>
    public static string Of(JsonException error, bool withPlace = true)
    {
        // What this program itself says of JSON has no place; what the reader says has always one.
        if (error.LineNumber is null && error.Path is null)
        {
            return error.Message.TrimEnd('.');
        }

        string place = withPlace ? $"line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}: " : "";
        return error.Message switch
        {
            var text when text.Contains("could not be mapped", StringComparison.Ordinal) => $"{place}nothing of that name is known ({error.Path})",
            var text when text.Contains("uplicate", StringComparison.Ordinal) => $"{place}the same name stands there twice{In(error.Path)}",
            var text when text.Contains("isFinalBlock", StringComparison.Ordinal) || text.Contains("end of data", StringComparison.Ordinal)
                || text.Contains("Expected depth", StringComparison.Ordinal) => $"{place}it ends too early",
            var text when text.Contains("required properties", StringComparison.Ordinal) => $"{place}something is missing{In(error.Path)}",
            var text when text.Contains("converted", StringComparison.Ordinal) || text.Contains("null", StringComparison.Ordinal) || text.Contains(".NET", StringComparison.Ordinal)
                => $"{place}a value is not of the kind that belongs there{In(error.Path)}",
            var text when IsOwn(error) => $"{place}{text.TrimEnd('.')}{In(error.Path)}",
            _ => $"{place}it is not JSON{In(error.Path)}",
        };
    }

    /// <summary>Whether it is what this program says of a value, to which the reader has only added where that stands.</summary>
    private static bool IsOwn(JsonException error) =>
        error.GetType() == typeof(JsonException) && error.InnerException is not JsonException && !error.Message.Contains("Path: ", StringComparison.Ordinal);

    private static string In(string? path) => path is null or "$" ? "" : $" ({path})";
}
