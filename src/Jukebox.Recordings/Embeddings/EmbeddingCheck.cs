using Jukebox.Audio.Resampling;
using Jukebox.Models.Format;

namespace Jukebox.Recordings.Embeddings;

/// <summary>Whether settings make sense, of themselves and for a model.</summary>
public static class EmbeddingCheck
{
    /// <summary>Requires it.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="model">The model.</param>
    /// <param name="name">What to call the model: its folder.</param>
    /// <param name="layersAreGiven">Whether a person chose the layers; those of a preset are of the published model.</param>
    /// <exception cref="RecordingException">They do not; the setting and a way out are named.</exception>
    public static void Require(EmbeddingSettings settings, ModelDescription model, string name, bool layersAreGiven)
    {
        if ((ProblemOf(settings) ?? ProblemOfModel(settings, model, name, layersAreGiven)) is { } problem)
        {
            throw new RecordingException(problem);
        }

        _ = EmbeddingWindows.Of(settings, TopOf(model, name).ContextLength, TokensPerSecond(model, name));
    }

    /// <summary>The top prior of a model.</summary>
    /// <exception cref="RecordingException">It has none.</exception>
    public static PriorSpec TopOf(ModelDescription model, string name) => model.PriorOf(model.VqVae.Levels - 1) is { UpperCodes: null } top
        ? top
        : throw new RecordingException($"{name} has no top prior, which embeddings are of; convert a checkpoint that has one (prior_level_{model.VqVae.Levels - 1}).");

    /// <summary>Tokens of the top level per second.</summary>
    public static double TokensPerSecond(ModelDescription model, string name) =>
        (double)model.SampleRateHz / model.VqVae.SamplesPerToken(TopOf(model, name).Level);

    private static string? ProblemOf(EmbeddingSettings settings)
    {
        bool whole = FrameStream.TakesWholeWindows(settings), slices = settings.SliceSeconds is not null;
        return settings.Layers.Length == 0 ? "--layers names no layer; give one or several, counted from 1: 36,53,66."
            : settings.PoolOver is not (EmbeddingScope.Window or EmbeddingScope.File) ? "--pool-over is window or file."
            : settings.NormaliseOver == EmbeddingScope.Window ? "--normalise-over is file, stretch or slice."
            : settings.NormaliseOver == EmbeddingScope.Slice && !slices ? "--normalise-over slice needs --slice."
            : settings.SliceHopSeconds is not null && !slices ? "--slice-hop needs --slice."
            : settings.SlicePcm16 && !slices ? "--slice-pcm16 needs --slice."
            : slices && settings.SliceHopSeconds is not > 0 ? "--slice needs --slice-hop, from slice to slice."
            : slices && settings.SliceSeconds * Resampler.LowestRateHz < 1 ? "--slice is too short for a sample."
            : settings.BetweenTimes && settings.Fps is not null ? "--times and --fps are two ways to make frames; give one."
            : settings.BetweenTimes && settings.Keep == KeptWindows.Windows ? "--times go through a whole recording, and --keep windows keeps windows apart; leave one out."
            : settings.BetweenTimes && slices ? "--times and --slice are two ways to cut a recording; give one."
            : settings.Fps is not null && settings.Resample == FrameResampling.Fft && settings.HopSeconds > 0 && !whole
                ? "--resample fft is of whole windows, which --hop makes overlap; take --resample average, or --keep windows."
            : settings.Keep == KeptWindows.Windows && settings.HopSeconds is null ? "--keep windows needs --hop: there is one window."
            : settings.Keep == KeptWindows.Windows && settings.Pool == Pooling.None && settings.Format == EmbeddingFormat.Npy
                ? "--keep windows without --pool makes rows that belong to different windows; --format npz, safetensors or parquet keep their times."
            : null;
    }

    private static string? ProblemOfModel(EmbeddingSettings settings, ModelDescription model, string name, bool layersAreGiven)
    {
        PriorSpec top = TopOf(model, name);
        int depth = top.Transformer.Depth, deepest = settings.Layers.Max();
        if (!layersAreGiven && (depth != EmbeddingPresets.Depth || top.Transformer.Width != EmbeddingPresets.Width))
        {
            string same = string.Join(',', settings.Layers.Select(layer => Math.Max(1, (int)Math.Round((double)layer * depth / EmbeddingPresets.Depth))));
            return $"{name} has a top prior of width {top.Transformer.Width} with {depth} layers; presets are defined for 5b (width {EmbeddingPresets.Width}, "
                + $"{EmbeddingPresets.Depth} layers). Layers {string.Join(',', settings.Layers)} → {same} would be the same depth; give --layers.";
        }

        return deepest > depth ? $"--layers {deepest}: the prior of level {top.Level} in {name} has {depth} layers, counted from 1." : null;
    }
}
