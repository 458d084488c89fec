using Jukebox.Models.Format;

namespace Jukebox.Studio.Models;

/// <summary>What <c>info</c> tells of one level; the prior's numbers are zero where the folder has none.</summary>
public sealed record LevelReport
{
    /// <summary>Level, 0 being the finest.</summary>
    public required int Level { get; init; }

    /// <summary>Samples of audio that a code stands for.</summary>
    public required int SamplesPerToken { get; init; }

    /// <summary>Codes of a second of audio.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>The prior's parameters, its conditioners' included.</summary>
    public long Parameters { get; init; }

    /// <summary>Layers of the prior's transformer.</summary>
    public int Layers { get; init; }

    /// <summary>Its width.</summary>
    public int Width { get; init; }

    /// <summary>Bytes of the prior's weight file.</summary>
    public long FileBytes { get; init; }

    /// <summary>Codes of a window.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Seconds of audio of a window.</summary>
    public double WindowSeconds { get; init; }

    /// <summary>Default temperature; 1 is the distribution that was learnt.</summary>
    public double Temperature { get; init; }

    /// <summary>Default of drawing among the k most probable codes; 0 is off.</summary>
    public int TopK { get; init; }

    /// <summary>Default of drawing among the codes that make up this share of the probability; 0 is off.</summary>
    public double TopP { get; init; }

    /// <summary>Default of new tokens of a window over its length.</summary>
    public double HopFraction { get; init; }

    /// <summary>Default length of the imagined whole song, where the model has one of its own.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>Generation of the label tables that the level reads; none where it has no labels.</summary>
    public int? LabelGeneration { get; init; }

    /// <summary>Artists that it knows.</summary>
    public int Artists { get; init; }

    /// <summary>Genres that it knows.</summary>
    public int Genres { get; init; }

    /// <summary>Shortest total length, inclusive.</summary>
    public double MinSeconds { get; init; }

    /// <summary>Longest total length, exclusive.</summary>
    public double MaxSeconds { get; init; }

    /// <summary>Characters of lyrics that a window sees; 0 where it sees none.</summary>
    public int LyricTokens { get; init; }

    /// <summary>How it sees them, for people; none where it does not.</summary>
    public string? LyricsMode { get; init; }
}

/// <summary>What <c>info</c> tells of a model folder.</summary>
public sealed record ModelReport
{
    /// <summary>What people call the model.</summary>
    public required string Name { get; init; }

    /// <summary>Its folder, as it was given.</summary>
    public required string Folder { get; init; }

    /// <summary>Where its weights come from.</summary>
    public required string Origin { get; init; }

    /// <summary>What its weights may be used for.</summary>
    public required string Licence { get; init; }

    /// <summary>Samples of a second of its audio.</summary>
    public required int SampleRateHz { get; init; }

    /// <summary>Codes of every level: 0 … size − 1.</summary>
    public required int CodebookSize { get; init; }

    /// <summary>The VQ-VAE's parameters, over all levels.</summary>
    public required long VqVaeParameters { get; init; }

    /// <summary>Bytes of all files of the folder.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>The coarsest first.</summary>
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
