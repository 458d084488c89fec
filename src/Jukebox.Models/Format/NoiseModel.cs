using System.Security.Cryptography;
using System.Text;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Format;

/// <summary>
/// A small model of random numbers, for tests and for trying a device out: everything that the published models have
/// (three levels, labels of both generations, lyrics in the top level's sequence, both conditioners), so small that it
/// makes seconds of noise in seconds.
/// </summary>
public static class NoiseModel
{
    private const ulong Seed = 1;

    private static readonly string[] Artists = ["The Uninitialised", "Gaussian Noise", "Random Weights", "Seed Forty-Two", "Box & Muller"];

    private static readonly string[] Genres = ["Noise", "Static", "Hiss", "Hum"];

    /// <summary>Hyperparameters of the model, without origin, licence and files.</summary>
    public static ModelDescription Description { get; } = new()
    {
        Format = ModelDescription.CurrentFormat,
        Name = "noise",
        SampleRateHz = 44100,
        VqVae = new()
        {
            Levels = 3,
            Downs = [4, 2, 2],
            Strides = [2, 2, 2],
            EmbeddingWidth = 16,
            CodebookSize = 256,
            Width = 8,
            Depth = 2,
            Multipliers = [1, 1, 1],
            DilationGrowth = 3,
        },
        Priors = [Upsampler(0), Upsampler(1), Top],
        Defaults = [new() { HopFraction = 0.5 }, new() { HopFraction = 0.5 }, new() { HopFraction = 0.125 }],
        Origin = "",
        Licence = "",
        Files = [],
    };

    private static PriorSpec Top => new()
    {
        Level = 2,
        ContextLength = 256,
        CodebookSize = 256,
        Transformer = new() { Width = 64, Depth = 16, Heads = 2, AttentionOrder = 12, BlockCount = 16 },
        Labels = LabelsOf(3, Genres.Length, 1),
        Lyrics = LyricsMode.SameSequence,
        LyricsLength = 64,
        LyricsVocabulary = 79,
        AlignmentLayer = 15,
        AlignmentHead = 0,
    };

    /// <summary>Writes the model's folder: the same bytes on every machine.</summary>
    /// <exception cref="IOException">A weight file exists or cannot be written.</exception>
    public static void Write(string folder)
    {
        ModelDescription written = RandomModel.Write(folder, Description, Seed, ElementType.F32);
        foreach ((string path, string text) in LabelFiles())
        {
            string file = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            DurableFile.WriteAtomically(file, bytes);
            written.Files[path] = new FileDigest(bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }

        written.Write(folder);
    }

    /// <summary>Path within the folder, and text.</summary>
    private static IEnumerable<(string Path, string Text)> LabelFiles()
    {
        foreach ((string kind, string[] names) in new[] { ("artist", Artists), ("genre", Genres) })
        {
            yield return (ModelDescription.LabelFileName(2, kind), Table(
                names, name => string.Join('_', name.ToLowerInvariant().Split([' ', '-', '&'], StringSplitOptions.RemoveEmptyEntries))));
            yield return (ModelDescription.LabelFileName(3, kind), Table(names, name => name.ToLowerInvariant()));
        }
    }

    private static PriorSpec Upsampler(int level) => new()
    {
        Level = level,
        ContextLength = 256,
        CodebookSize = 256,
        Transformer = new() { Width = 64, Depth = 3, Heads = 1, AttentionOrder = 2, BlockCount = 16 },
        Labels = LabelsOf(2, Genres.Length, 5),
        UpperCodes = new() { Width = 32, Depth = 4, DilationGrowth = 3, DilationCycle = 2, ResidualScale = level == 1 },
    };

    /// <summary>One row more than there are names: row 0 is "unknown".</summary>
    private static LabelSpec LabelsOf(int generation, int genres, int maxGenres) => new()
    {
        Generation = generation,
        ArtistCount = Artists.Length + 1,
        GenreCount = genres + 1,
        MaxGenres = maxGenres,
        TimeBins = 16,
        MinDurationSeconds = 1,
        MaxDurationSeconds = 600,
    };

    private static string Table(string[] names, Func<string, string> spell) =>
        "unknown;0\n" + string.Concat(names.Select((name, i) => $"{spell(name)};{i + 1}\n"));
}
