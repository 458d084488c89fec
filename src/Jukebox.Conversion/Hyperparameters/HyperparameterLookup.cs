using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>
/// Hyperparameters of one part, looked up in order: the source's own, what the tensors' shapes determine, the published
/// model's. With <paramref name="shapesFirst"/> the shapes come before the source's own.
/// </summary>
/// <param name="path">The source, for messages.</param>
/// <param name="own">The source's own, under the reference's keys.</param>
/// <param name="published">Those of the published model that the source is taken for.</param>
/// <param name="shapesFirst">Whether shapes overrule the source's own.</param>
internal sealed class HyperparameterLookup(
    string path, IReadOnlyDictionary<string, object?>? own, IReadOnlyDictionary<string, object?>? published, bool shapesFirst)
{
    /// <summary>Values beyond this make no sense for any of them, and could overflow what is derived from them.</summary>
    private const long Limit = 1 << 24;

    /// <summary>A whole number; an error names it where nothing tells it.</summary>
    public int Integer(string key, int? fromShapes = null, int? otherwise = null) =>
        OptionalInteger(key, fromShapes) ?? otherwise ?? throw Unknown(key);

    /// <summary>A whole number, or none where the source says none or says nothing.</summary>
    public int? OptionalInteger(string key, int? fromShapes = null) => Find(key, fromShapes) switch
    {
        null => null,
        long value and >= 0 and <= Limit => (int)value,
        int value => value,
        double value and >= 0 and <= Limit when value == Math.Floor(value) => (int)value,
        var value => throw Senseless(key, value),
    };

    /// <summary>A number.</summary>
    public double Real(string key, double otherwise, double? fromShapes = null) => Find(key, fromShapes) switch
    {
        null => otherwise,
        long value and >= 0 and <= Limit => value,
        double value and >= 0 and <= Limit => value,
        var value => throw Senseless(key, value),
    };

    /// <summary>Yes or no; an error names it where nothing tells it.</summary>
    public bool Flag(string key, bool? otherwise = null, bool? fromShapes = null) => Find(key, fromShapes) switch
    {
        null => otherwise ?? throw Unknown(key),
        bool value => value,
        long value and (0 or 1) => value == 1,
        var value => throw Senseless(key, value),
    };

    /// <summary>Several whole numbers, or none.</summary>
    public int[]? Integers(string key, int[]? fromShapes = null) => Find(key, fromShapes) switch
    {
        null => null,
        int[] values => values,
        object?[] values => Array.ConvertAll(values, value => value is long and >= 0 and <= Limit ? (int)(long)value : throw Senseless(key, value)),
        var value => throw Senseless(key, value),
    };

    private object? Find(string key, object? fromShapes)
    {
        object? stated = own?.GetValueOrDefault(key);
        object? first = shapesFirst ? fromShapes ?? stated : stated ?? fromShapes;
        return first ?? published?.GetValueOrDefault(key);
    }

    private DamagedFileException Unknown(string key) => new(
        path, -1, $"neither it nor the shapes of its tensors tell the hyperparameter '{key}'", "name the published model with --model");

    private DamagedFileException Senseless(string key, object? value) => new(
        path, -1, $"its hyperparameter '{key}' has the value '{(value is object?[]? "a list" : Text.Quote($"{value}"))}', which makes no sense", "check where the file comes from");
}
