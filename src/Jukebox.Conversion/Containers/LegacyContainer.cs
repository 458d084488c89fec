using System.Numerics;
using Jukebox.Core.Errors;

namespace Jukebox.Conversion.Containers;

/// <summary>
/// PyTorch's stream format, in which OpenAI published Jukebox: pickles of a magic number, a version, the machine's
/// properties, the object and the storage keys, then every storage as an element count and raw elements.
/// </summary>
internal static class LegacyContainer
{
    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The first bytes of every such file: protocol 2 and a ten-byte integer, the magic number.</summary>
    public static bool Begins(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]);

    /// <summary>Reads the object; every storage that it names knows its place in the file afterwards.</summary>
    /// <exception cref="DamagedFileException">The content is not sound.</exception>
    public static object? Read(SourceFile file)
    {
        var input = new PickleInput(file, 0, file.LengthBytes);
        var machine = new PickleMachine(input);
        if (machine.Read() is not BigInteger magic || magic != Magic)
        {
            throw file.Damaged(0, "it does not begin with PyTorch's magic number");
        }

        if (machine.Read() is not long version || version != 1001)
        {
            throw file.Damaged(15, "its version of PyTorch's stream format is unknown");
        }

        if (machine.Read() is not PickleDictionary machineProperties || machineProperties.Entries.GetValueOrDefault("little_endian") is not true)
        {
            throw file.Damaged(21, "it was written on a big-endian machine", "save it again on a common one");
        }

        object? root = machine.Read();
        long keysAtByte = input.Position;
        if (machine.Read() is not PickleList keys)
        {
            throw file.Damaged(keysAtByte, "the list of storages is missing");
        }

        PlaceStorages(file, input, machine, keys);
        return root;
    }

    private static void PlaceStorages(SourceFile file, PickleInput input, PickleMachine machine, PickleList keys)
    {
        long position = input.Position;
        Span<byte> countBytes = stackalloc byte[8];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !machine.Storages.TryGetValue(key, out PickleStorage? storage) || storage.DataOffsetBytes >= 0)
            {
                throw file.Damaged(position, "the list of storages names one twice, or one that no tensor uses");
            }

            file.Read(position, countBytes);
            long count = BitConverter.ToInt64(countBytes);
            long lengthBytes = storage.LengthElements * storage.Type.ElementBytes;
            if (count != storage.LengthElements)
            {
                throw file.Damaged(position, $"storage '{Text.Quote(key)}' has {count} elements where its tensors announce {storage.LengthElements}");
            }

            storage.DataOffsetBytes = position + 8;
            position += 8 + lengthBytes;
            if (position > file.LengthBytes)
            {
                throw file.Damaged(
                    file.LengthBytes,
                    $"it is truncated: storage '{Text.Quote(key)}' ends at byte {position}, the file has {file.LengthBytes}",
                    "download it again, completely");
            }
        }
    }
}
