using System.Text.Json;
using System.Text.Json.Serialization;

namespace Jukebox.Songs.Folder;

/// <summary>
/// A number for each character of a text, most of them zero: those between the first and the last that are not are held. In JSON an
/// array of all of them.
/// </summary>
/// <param name="length">Characters of the text.</param>
/// <param name="first">The character that the first value belongs to.</param>
/// <param name="values">Values; all others are zero.</param>
[JsonConverter(typeof(Converter))]
public sealed class AlignmentRow(int length, int first, double[] values)
{
    /// <summary>Characters of the text.</summary>
    public int Length => length;

    /// <summary>The number of one character.</summary>
    public double this[int character]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(character);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(character, length);
            int index = character - first;
            return index >= 0 && index < values.Length ? values[index] : 0;
        }
    }

    /// <summary>As an array of numbers.</summary>
    internal sealed class Converter : JsonConverter<AlignmentRow>
    {
        /// <inheritdoc/>
        public override AlignmentRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                throw new JsonException("a row must be an array of numbers");
            }

            int length = 0, first = 0;
            var values = new List<double>();
            for (; reader.Read() && reader.TokenType != JsonTokenType.EndArray; length++)
            {
                double value = reader.TokenType == JsonTokenType.Number ? reader.GetDouble() : throw new JsonException("a row must be an array of numbers");
                if (value != 0 && values.Count == 0)
                {
                    first = length;
                }

                if (value != 0)
                {
                    values.AddRange(Enumerable.Repeat(0.0, length - first - values.Count));
                    values.Add(value);
                }
            }

            return new AlignmentRow(length, first, [.. values]);
        }

        /// <inheritdoc/>
        public override void Write(Utf8JsonWriter writer, AlignmentRow value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            for (int character = 0; character < value.Length; character++)
            {
                writer.WriteNumberValue(value[character]);
            }

            writer.WriteEndArray();
        }
    }
}
