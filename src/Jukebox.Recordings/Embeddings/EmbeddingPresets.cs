namespace Jukebox.Recordings.Embeddings;

/// <summary>
/// The published extractors of music features over Jukebox's 5b top prior. Layers are those of that prior, of 72 blocks.
/// </summary>
public static class EmbeddingPresets
{
    /// <summary>jukemir, which is what most papers compare with.</summary>
    public const string Default = "jukemir";

    /// <summary>Depth of the prior that the presets' layers are of.</summary>
    public const int Depth = 72;

    /// <summary>Width of it.</summary>
    public const int Width = 4800;

    private static readonly EmbeddingSettings[] All =
    [
        new() { Preset = Default, Layers = [36], Pool = Pooling.Mean, Short = ShortClips.Refuse },
        new() { Preset = "jukemirlib", Layers = [36] },
        new() { Preset = "sheetsage", Layers = [53], HopSeconds = 0, Short = ShortClips.Pad, Beyond = BeyondWindow.Silent, Labels = LabelTimes.Real },
        new()
        {
            Preset = "edge", Layers = [66], Fps = 30, SliceSeconds = 5, SliceHopSeconds = 2.5, SlicePcm16 = true, NormaliseOver = EmbeddingScope.Slice,
        },
        new() { Preset = "llark", Layers = [36], Fps = 10, Resample = FrameResampling.Average, Short = ShortClips.Pad, Beyond = BeyondWindow.Silent },
    ];

    /// <summary>The names, the default's first.</summary>
    public static IEnumerable<string> Names => All.Select(preset => preset.Preset);

    /// <summary>A preset's settings. A hop of 0 is one as long as the window.</summary>
    /// <exception cref="RecordingException">There is no such preset.</exception>
    public static EmbeddingSettings Find(string name) => Array.Find(All, preset => preset.Preset == name)
        ?? throw new RecordingException($"There is no preset '{name}'; there are {string.Join(", ", Names)}.");
}
