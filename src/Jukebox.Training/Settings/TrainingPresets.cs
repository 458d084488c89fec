namespace Jukebox.Training.Settings;

/// <summary>Settings by name: the published shapes, the reference's small ones, and ours.</summary>
public static class TrainingPresets
{
    /// <summary>Every preset.</summary>
    public static IReadOnlyList<string> Names => [.. All.Keys];

    private static SortedDictionary<string, Func<TrainingSettings>> All { get; } = new(StringComparer.Ordinal)
    {
        ["vqvae"] = PublishedPresets.VqVae,
        ["prior_5b"] = () => PublishedPresets.Top("5b"),
        ["prior_5b_lyrics"] = () => PublishedPresets.Top("5b_lyrics"),
        ["prior_1b_lyrics"] = () => PublishedPresets.Top("1b_lyrics"),
        ["upsampler_level_0"] = () => PublishedPresets.Upsampler(0),
        ["upsampler_level_1"] = () => PublishedPresets.Upsampler(1),
        ["small_vqvae"] = SmallPresets.VqVae,
        ["small_prior"] = SmallPresets.Prior,
        ["small_labelled_prior"] = SmallPresets.LabelledPrior,
        ["small_single_enc_dec_prior"] = SmallPresets.SharedLyricsPrior,
        ["small_sep_enc_dec_prior"] = SmallPresets.SeparateLyricsPrior,
        ["small_upsampler"] = SmallPresets.Upsampler,
        ["tiny_vqvae"] = TinyPresets.VqVae,
        ["tiny_top"] = TinyPresets.Top,
        ["tiny_upsampler_1"] = () => TinyPresets.Upsampler(1),
        ["tiny_upsampler_0"] = () => TinyPresets.Upsampler(0),
    };

    /// <summary>The settings of a name.</summary>
    /// <exception cref="TrainingException">There are none.</exception>
    public static TrainingSettings Find(string name) => All.TryGetValue(name, out Func<TrainingSettings>? settings)
        ? settings()
        : throw new TrainingException($"There is no preset '{name}'; there are {string.Join(", ", All.Keys)}.");
}
