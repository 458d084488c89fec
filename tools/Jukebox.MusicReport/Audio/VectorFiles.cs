using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Jukebox.Core.Errors;

namespace Jukebox.MusicReport.Audio;

/// <summary>Vectors of pieces, a numpy array each: <c>NAME.npy</c>, or <c>NAME.LAYER.npy</c> where there are several layers. Of several rows the mean counts.</summary>
internal static partial class VectorFiles
{
    private const int LongestHeader = 4096;
    private const string Remedy = "make the vectors with 'jukebox-native embed --pool mean --pool-over file'";

    /// <summary>The layers that a folder has of all pieces, and the vector of each piece.</summary>
    /// <exception cref="ReportException">A piece has none.</exception>
    /// <exception cref="DamagedFileException">A file is no array of floats.</exception>
    public static IReadOnlyList<(string Layer, double[][] Vectors)> Read(string folder, IReadOnlyList<Piece> pieces)
    {
        string first = pieces[0].Name;
        string[] layers = [.. Directory.EnumerateFiles(folder, "*.npy").Select(Path.GetFileName)
            .Where(name => name!.StartsWith(first + ".", StringComparison.Ordinal)).Select(name => name![first.Length..^4].TrimStart('.'))
            .Where(layer => layer.All(char.IsAsciiDigit)).OrderBy(layer => layer.Length).ThenBy(layer => layer, StringComparer.Ordinal)];
        return layers.Length > 0
            ? [.. layers.Select(layer => (layer, pieces.Select(piece => Of(Path.Combine(folder, layer.Length == 0 ? $"{piece.Name}.npy" : $"{piece.Name}.{layer}.npy"))).ToArray()))]
            : throw new ReportException($"'{folder}' has no vectors of {first}; {Remedy}.");
    }

    private static double[] Of(string path)
    {
        if (!File.Exists(path))
        {
            throw new ReportException($"There is no '{path}'; {Remedy}.");
        }

        byte[] bytes = File.ReadAllBytes(path);
        int length = bytes.Length >= 10 && bytes.AsSpan(1, 5).SequenceEqual("NUMPY"u8) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) : 0;
        Match match = length is > 0 and <= LongestHeader && 10 + length <= bytes.Length ? Header().Match(Encoding.ASCII.GetString(bytes, 10, length)) : Match.Empty;
        long[] shape = match.Success
            ? [.. match.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(extent => long.Parse(extent, CultureInfo.InvariantCulture))]
            : [];
        ReadOnlySpan<byte> data = bytes.AsSpan(Math.Min(bytes.Length, 10 + length));
        if (shape.Length is not (1 or 2) || shape[^1] is < 1 or > 1 << 24 || data.Length == 0 || data.Length % (4 * shape[^1]) != 0)
        {
            throw new DamagedFileException(path, -1, "it is no array of float32 in C order with a row or several", Remedy);
        }

        var mean = new double[shape[^1]];
        int rows = (int)(data.Length / (4 * shape[^1]));
        for (int i = 0; i < data.Length / 4; i++)
        {
            mean[i % mean.Length] += BinaryPrimitives.ReadSingleLittleEndian(data[(4 * i)..]) / rows;
        }

        return mean;
    }

    [GeneratedRegex(@"'descr': '<f4', 'fortran_order': False, 'shape': \(([\d, ]{1,40})\)")]
    private static partial Regex Header();
}
