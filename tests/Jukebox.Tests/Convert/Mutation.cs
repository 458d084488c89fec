using System.Buffers.Binary;

namespace Jukebox.Tests.Conversion;

/// <summary>Small damage to a file: mostly where its structure is, at both ends, sometimes in its data.</summary>
internal static class Mutation
{
    private const int StructureBytes = 40_000;

    public static byte[] Of(byte[] content, Random random)
    {
        byte[] mutated = [.. content];
        int count = 1 + random.Next(4);
        for (int i = 0; i < count && mutated.Length > 0; i++)
        {
            mutated = Once(mutated, random);
        }

        return mutated;
    }

    /// <summary>Damage to a text that may leave it a text: values become others, of other kinds, sizes and depths.</summary>
    public static byte[] OfText(byte[] content, Random random)
    {
        if (random.Next(4) == 0)
        {
            return Of(content, random);
        }

        string text = System.Text.Encoding.UTF8.GetString(content);
        string deep = new string('[', 200) + new string(']', 200);
        string many = "[" + string.Join(',', Enumerable.Repeat("{}", 1000)) + "]";
        string[] values = ["null", "true", "-1", "1e999", "1e-400", "9223372036854775808", "\"\"", "\"\\ud800\"", "{}", "[]", "{\"a\":1,\"a\":2}", deep, many, "\"" + new string('x', 100_000) + "\"", "NaN", "-"];
        string[] separators = [":", ",", ";", "\n", "[", "{"];
        for (int i = 1 + random.Next(3); i > 0; i--)
        {
            // A value is what stands between two separators.
            int from = text.IndexOf(separators[random.Next(separators.Length)], random.Next(text.Length), StringComparison.Ordinal) + 1;
            int to = text.IndexOfAny([',', '}', ']', '\n', ';'], Math.Min(from, text.Length));
            text = text[..from] + values[random.Next(values.Length)] + (to < 0 ? "" : text[to..]);
        }

        return System.Text.Encoding.UTF8.GetBytes(text);
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        int at = Place(bytes.Length, random);
        switch (random.Next(8))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                var inserted = new byte[random.Next(1, 64)];
                random.NextBytes(inserted);
                return [.. bytes[..at], .. inserted, .. bytes[at..]];
            case 4:
                int cut = random.Next(1, 64);
                return [.. bytes[..at], .. bytes[Math.Min(at + cut, bytes.Length)..]];
            case 5:
                return WithLength(bytes, at, random);
            case 6:
                // A piece of the file over another place of it.
                int from = Place(bytes.Length, random);
                int length = Math.Min(random.Next(1, 512), bytes.Length - Math.Max(from, at));
                bytes.AsSpan(from, length).ToArray().CopyTo(bytes.AsSpan(at));
                return bytes;
            default:
                return Number(bytes, at, random);
        }
    }

    /// <summary>Replaces four or eight bytes, as a length field would have, by an extreme value.</summary>
    private static byte[] WithLength(byte[] bytes, int at, Random random)
    {
        ReadOnlySpan<long> extremes = [0, 1, -1, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, bytes.Length, bytes.Length + 1];
        long value = extremes[random.Next(extremes.Length)];
        if (random.Next(2) == 0 && at + 8 <= bytes.Length)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(at), value);
        }
        else if (at + 4 <= bytes.Length)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), (int)value);
        }

        return bytes;
    }

    /// <summary>Changes a decimal digit, if one follows: what JSON and pickled text have instead of length fields.</summary>
    private static byte[] Number(byte[] bytes, int at, Random random)
    {
        int digit = bytes.AsSpan(at).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (digit >= 0)
        {
            ReadOnlySpan<string> texts = ["-1", "0", "99999999999999999999", "1e9", "null", "7", "\"x\"", "[]"];
            byte[] text = System.Text.Encoding.ASCII.GetBytes(texts[random.Next(texts.Length)]);
            return [.. bytes[..(at + digit)], .. text, .. bytes[(at + digit + 1)..]];
        }

        return bytes;
    }

    private static int Place(int lengthBytes, Random random)
    {
        int structure = Math.Min(StructureBytes, lengthBytes);
        return random.Next(8) switch
        {
            0 => random.Next(lengthBytes),
            < 3 => lengthBytes - 1 - random.Next(structure),
            3 => random.Next(Math.Min(64, lengthBytes)),
            _ => random.Next(structure),
        };
    }
}
