using System.Buffers;
using System.Text;
using System.Text.Json;
using Jukebox.Core.Files;

namespace Jukebox.Training.Runs;

/// <summary>One line of a run's figures.</summary>
/// <param name="Step">Steps that were done.</param>
/// <param name="Kind"><see cref="TrainKind"/>: means over the steps since the line before; <see cref="ValidKind"/>: means over the validation windows.</param>
/// <param name="Values">Figures by name.</param>
public sealed record MetricsLine(long Step, string Kind, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>Figures of what is learnt from.</summary>
    public const string TrainKind = "train";

    /// <summary>Figures of what is measured on.</summary>
    public const string ValidKind = "valid";
}

/// <summary>The figures of a run, a JSON object on each line, appended. A figure that is no number is null.</summary>
internal sealed class MetricsLog : IDisposable
{
    private const string StepKey = "step";
    private const string KindKey = "kind";

    private readonly FileStream _stream;

    private MetricsLog(FileStream stream)
    {
        _stream = stream;
    }

    /// <summary>Opens the log to go on after a step; later lines, and one that was cut off, are dropped.</summary>
    /// <param name="path">The file; made where it is not there.</param>
    /// <param name="step">Steps that were done.</param>
    public static MetricsLog Open(string path, long step)
    {
        if (File.Exists(path))
        {
            DurableFile.WriteAtomically(path, Encoding.UTF8.GetBytes(string.Concat(LinesUpTo(path, step).Select(line => line + "\n"))));
        }

        return new MetricsLog(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete));
    }

    /// <summary>Reads every whole line of a log.</summary>
    public static IEnumerable<MetricsLine> Read(string path) => File.Exists(path) ? LinesOf(path).Select(Parse).OfType<MetricsLine>() : [];

    /// <summary>Numbers, from 1 on, of the lines that hold no figures; the last may be in the middle of being written.</summary>
    public static IEnumerable<int> DamagedLines(string path) =>
        LinesOf(path).SkipLast(1).Index().Where(line => Parse(line.Item) is null).Select(line => line.Index + 1);

    /// <summary>Appends a line.</summary>
    /// <exception cref="StorageException">The disk is full.</exception>
    public void Append(MetricsLine line)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber(StepKey, line.Step);
            json.WriteString(KindKey, line.Kind);
            foreach ((string name, double value) in line.Values)
            {
                if (double.IsFinite(value))
                {
                    json.WriteNumber(name, value);
                }
                else
                {
                    json.WriteNull(name);
                }
            }

            json.WriteEndObject();
        }

        // One write, so that a reader never sees half a line unless the process dies in it.
        buffer.Write("\n"u8);
        DurableFile.Guard(_stream.Name, () =>
        {
            _stream.Write(buffer.WrittenSpan);
            _stream.Flush();
            return true;
        });
    }

    /// <summary>Waits until every line is on the disk.</summary>
    public void FlushToDisk() => _stream.Flush(flushToDisk: true);

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static IEnumerable<string> LinesUpTo(string path, long step) =>
        LinesOf(path).Where(line => Parse(line) is { } parsed && parsed.Step <= step);

    private static IEnumerable<string> LinesOf(string path)
    {
        using var reader = new StreamReader(RegularFile.OpenRead(path, "delete it; the run goes on without its figures"));
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }

    private static MetricsLine? Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            var values = new Dictionary<string, double>();
            foreach (JsonProperty property in root.EnumerateObject().Where(property => property.Name is not (StepKey or KindKey)))
            {
                values[property.Name] = property.Value.ValueKind == JsonValueKind.Number ? property.Value.GetDouble() : double.NaN;
            }

            return new MetricsLine(root.GetProperty(StepKey).GetInt64(), root.GetProperty(KindKey).GetString() ?? "", values);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return null;
        }
    }
}
