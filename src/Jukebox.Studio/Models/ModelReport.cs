using Jukebox.Models.Format;

namespace Jukebox.Studio.Models;

/// <summary>What <c>info</c> tells of one level; the prior's numbers are zero where the folder has none.</summary>
public sealed record LevelReport
{
    public required int Level { get; init; }

    public required int SamplesPerToken { get; init; }

    public required double TokensPerSecond { get; init; }

    public long Parameters { get; init; }

    public int Layers { get; init; }

    public int Width { get; init; }

    public long FileBytes { get; init; }

    public int ContextTokens { get; init; }

    public double WindowSeconds { get; init; }

    public double Temperature { get; init; }

    public int TopK { get; init; }

    public double TopP { get; init; }

    public double HopFraction { get; init; }

    /// <summary>Default length of the imagined whole song, where the model has one of its own.</summary>
    public double? TotalSeconds { get; init; }

    public int? LabelGeneration { get; init; }

    public int Artists { get; init; }

    public int Genres { get; init; }

    /// <summary>Shortest total length, inclusive.</summary>
    public double MinSeconds { get; init; }

    /// <summary>Longest total length, exclusive.</summary>
    public double MaxSeconds { get; init; }

    public int LyricTokens { get; init; }

    public string? LyricsMode { get; init; }
}

/// <summary>What <c>info</c> tells of a model folder.</summary>
public sealed record ModelReport
{
    public required string Name { get; init; }

    public required string Folder { get; init; }

    public required string Origin { get; init; }

    public required string Licence { get; init; }

    public required int SampleRateHz { get; init; }

    public required int CodebookSize { get; init; }

    public required long VqVaeParameters { get; init; }

    public required long TotalBytes { get; init; }

    public required LevelReport[] Levels { get; init; }

    /// <summary>Reads <c>model.json</c> and the sizes of the files beside it; opens no weights.</summary>
    public static ModelReport Of(string folder)
    {
        ModelDescription model = ModelDescription.Read(folder);
        return new ModelReport
        {
            Name = model.Name,
            Folder = folder,
            Origin = model.Origin,
            Licence = model.Licence,
            SampleRateHz = model.SampleRateHz,
            CodebookSize = model.VqVae.CodebookSize,
            VqVaeParameters = ParametersOf(TensorTable.Of(model.VqVae)),
            TotalBytes = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length),
            Levels = [.. Enumerable.Range(0, model.VqVae.Levels).Reverse().Select(level => LevelOf(model, level, folder))],
        };
    }

    private static LevelReport LevelOf(ModelDescription model, int level, string folder)
    {
        int samplesPerToken = model.VqVae.SamplesPerToken(level);
        var codec = new LevelReport
        {
            Level = level,
            SamplesPerToken = samplesPerToken,
            TokensPerSecond = (double)model.SampleRateHz / samplesPerToken,
        };
        if (model.PriorOf(level) is not { } prior)
        {
            return codec;
        }

        LevelDefaults defaults = level < model.Defaults.Length ? model.Defaults[level] : new LevelDefaults();
        var file = new FileInfo(Path.Combine(folder, ModelDescription.PriorFileName(level)));
        return codec with
        {
            Parameters = ParametersOf(TensorTable.Of(prior, model.VqVae)),
            Layers = prior.Transformer.Depth,
            Width = prior.Transformer.Width,
            FileBytes = file.Exists ? file.Length : 0,
            ContextTokens = prior.ContextLength,
            WindowSeconds = (double)prior.ContextLength * samplesPerToken / model.SampleRateHz,
            Temperature = defaults.Temperature,
            TopK = defaults.TopK,
            TopP = defaults.TopP,
            HopFraction = defaults.HopFraction,
            TotalSeconds = defaults.TotalSeconds,
            LabelGeneration = prior.Labels?.Generation,
            Artists = prior.Labels?.ArtistCount ?? 0,
            Genres = prior.Labels?.GenreCount ?? 0,
            MinSeconds = prior.Labels?.MinDurationSeconds ?? 0,
            MaxSeconds = prior.Labels?.MaxDurationSeconds ?? 0,
            LyricTokens = prior.LyricsLength,
            LyricsMode = prior.Lyrics switch
            {
                Jukebox.Models.Format.LyricsMode.SeparateEncoder => "a separate encoder",
                Jukebox.Models.Format.LyricsMode.SameSequence => "the same sequence",
                _ => null,
            },
        };
    }

    private static long ParametersOf(IEnumerable<TensorEntry> table) => table.Sum(entry => entry.CheckpointShape.LengthElements);
}
