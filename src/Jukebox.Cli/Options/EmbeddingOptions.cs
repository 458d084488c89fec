using System.CommandLine;
using System.Globalization;
using Jukebox.Core.Errors;
using Jukebox.Recordings.Embeddings;

namespace Jukebox.Cli.Options;

/// <summary>Options that decide which vectors come out: a preset, and what is given beside it, which wins.</summary>
internal sealed class EmbeddingOptions
{
    private const int MostLayers = 1024;

    private readonly Option<string> _preset = new("--preset")
    {
        Description = "Published extractor whose settings are taken; whatever else is given wins. --print-settings shows them.",
        DefaultValueFactory = _ => EmbeddingPresets.Default,
    };

    private readonly Option<string?> _layers = new("--layers")
    {
        Description = "Layers, counted from 1: 36,53,66 or 1-72 or all; 0 is the input of the first. [default: the preset's]",
        HelpName = "L[,L…]",
    };

    private readonly Option<string?> _pool = Choice<Pooling>("--pool", "Make one vector of the rows: none, mean or max.");
    private readonly Option<string?> _poolOver = new("--pool-over") { Description = "Of each window, or of the whole file: window or file. [default: window]" };
    private readonly Option<double?> _fps = new Option<double?>("--fps") { Description = "Frames per second. [default: the preset's, else one a token]", HelpName = "N" }.Within(1e-3, 1e6);

    private readonly Option<string?> _resample = Choice<FrameResampling>(
        "--resample", "How: fft (as jukemirlib and EDGE), average (of whole tokens, as LLark; the true rate is in the manifest) or linear.");

    private readonly Option<string?> _times = new("--times")
    {
        Description = "Average between these times, beats say: a file with a time in seconds a line, or a folder with NAME.txt for each input.",
        HelpName = "FILE|FOLDER",
    };

    private readonly Option<double?> _window = new Option<double?>("--window") { Description = "Length of a window. [default: the model's most, 23.777 s]", HelpName = "SECONDS" }.Within(1e-3, 1e6);
    private readonly Option<double?> _hop = new Option<double?>("--hop")
    {
        Description = "Take the whole recording, a window every so often; 0 is as long as a window. [default: the preset's, else the first window alone]",
        HelpName = "SECONDS",
    }.Within(0, 1e6);

    private readonly Option<string?> _keep = Choice<KeptWindows>("--keep", "Of windows that overlap: merged (every moment once, with the longest past) or windows (each whole).");
    private readonly Option<string?> _short = Choice<ShortClips>("--short", "Clips below a window: pad (silence follows), keep, refuse or skip.");
    private readonly Option<string?> _beyond = Choice<BeyondWindow>("--beyond", "What the encoder hears behind a window: heard (what follows, up to 25 s in all) or silent.");
    private readonly Option<double?> _slice = new Option<double?>("--slice") { Description = "Cut recordings into slices first, as EDGE does.", HelpName = "SECONDS" }.Within(1e-3, 1e6);
    private readonly Option<double?> _sliceHop = new Option<double?>("--slice-hop") { Description = "From slice to slice.", HelpName = "SECONDS" }.Within(1e-3, 1e6);
    private readonly Option<bool?> _slicePcm16 = new("--slice-pcm16") { Description = "Take slices through 16 bits, as EDGE does: true or false." };
    private readonly Option<string?> _normalise = Choice<Normalisation>("--normalise", "Divide audio by its peak, or not: peak or none.");
    private readonly Option<string?> _normaliseOver = new("--normalise-over") { Description = "The peak of the file, of the stretch that was asked for, or of each slice: file, stretch or slice." };
    private readonly Option<string?> _labels = Choice<LabelTimes>("--labels", "What the model is told of times: fixed (each window begins a song of 62 s) or real (where it lies in its recording).");
    private readonly Option<string?> _artist = new("--artist") { Description = "Artist, as the model's tables name it. [default: unknown]", HelpName = "NAME" };
    private readonly Option<string?> _genre = new("--genre") { Description = "Genre, likewise. [default: unknown]", HelpName = "NAME" };
    private readonly Option<double?> _total = new Option<double?>("--total-seconds") { Description = "Length of the song that the model is told of. [default: 62, or the recording's]", HelpName = "SECONDS" }.Within(1e-3, 1e6);
    private readonly Option<string?> _format = Choice<EmbeddingFormat>("--format", "Files: npy (one a layer), npz, safetensors (all layers and times in one) or parquet (a row a frame).");
    private readonly Option<string?> _dtype = Choice<EmbeddingType>("--dtype", "Storage of a number in npy, npz and safetensors: f32 or f16.");

    private readonly Option<bool> _codes = new("--codes") { Description = "Keep the codes too: NAME.codes.npy." };

    public EmbeddingOptions()
    {
        _preset.AcceptOnlyFromAmong([.. EmbeddingPresets.Names]);
        _poolOver.AcceptOnlyFromAmong("window", "file");
        _normaliseOver.AcceptOnlyFromAmong("file", "stretch", "slice");
    }

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[
            _preset, _layers, _pool, _poolOver, _fps, _resample, _times, _window, _hop, _keep, _short, _beyond, _slice, _sliceHop, _slicePcm16, _normalise,
            _normaliseOver, _labels, _artist, _genre, _total, _format, _dtype, _codes])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Whether a person chose the layers.</summary>
    public bool HasLayers(ParseResult result) => result.GetValue(_layers) is not null;

    /// <summary>File or folder of times, or none.</summary>
    public string? Times(ParseResult result) => result.GetValue(_times);

    /// <summary>The preset with what was given.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="depth">Layers of the model, which <c>all</c> means.</param>
    public EmbeddingSettings Settings(ParseResult result, int depth)
    {
        EmbeddingSettings preset = EmbeddingPresets.Find(result.GetRequiredValue(_preset));
        return preset with
        {
            Layers = result.GetValue(_layers) is { } layers ? LayersOf(layers, depth) : preset.Layers,
            Pool = Given<Pooling>(result, _pool) ?? preset.Pool,
            PoolOver = Given<EmbeddingScope>(result, _poolOver) ?? preset.PoolOver,
            Fps = result.GetValue(_fps) ?? preset.Fps,
            Resample = Given<FrameResampling>(result, _resample) ?? preset.Resample,
            BetweenTimes = result.GetValue(_times) is not null,
            WindowSeconds = result.GetValue(_window) ?? preset.WindowSeconds,
            HopSeconds = result.GetValue(_hop) ?? preset.HopSeconds,
            Keep = Given<KeptWindows>(result, _keep) ?? preset.Keep,
            Short = Given<ShortClips>(result, _short) ?? preset.Short,
            Beyond = Given<BeyondWindow>(result, _beyond) ?? preset.Beyond,
            SliceSeconds = result.GetValue(_slice) ?? preset.SliceSeconds,
            SliceHopSeconds = result.GetValue(_sliceHop) ?? preset.SliceHopSeconds,
            SlicePcm16 = result.GetValue(_slicePcm16) ?? preset.SlicePcm16,
            Normalise = Given<Normalisation>(result, _normalise) ?? preset.Normalise,
            NormaliseOver = Given<EmbeddingScope>(result, _normaliseOver) ?? preset.NormaliseOver,
            Labels = Given<LabelTimes>(result, _labels) ?? preset.Labels,
            Artist = result.GetValue(_artist) ?? preset.Artist,
            Genre = result.GetValue(_genre) ?? preset.Genre,
            TotalSeconds = result.GetValue(_total) ?? preset.TotalSeconds,
            Format = Given<EmbeddingFormat>(result, _format) ?? preset.Format,
            Dtype = Given<EmbeddingType>(result, _dtype) ?? preset.Dtype,
            Codes = result.GetValue(_codes) || preset.Codes,
        };
    }

    /// <summary>Sorted, each once: 36,53 and 1-72 and all.</summary>
    private static int[] LayersOf(string text, int depth)
    {
        if (text == "all")
        {
            return [.. Enumerable.Range(1, depth)];
        }

        var layers = new SortedSet<int>();
        foreach (string part in text.Split(','))
        {
            string[] ends = part.Split('-');
            int[] numbers = [.. ends.Select(end => int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= MostLayers ? number : -1)];
            if (numbers.Length > 2 || numbers.Contains(-1) || numbers[^1] < numbers[0])
            {
                throw new UsageException($"--layers {text}: '{part}' is no layer; give numbers counted from 1, 36,53,66 or 1-72, or all.");
            }

            layers.UnionWith(Enumerable.Range(numbers[0], numbers[^1] - numbers[0] + 1));
        }

        return [.. layers];
    }

    private static Option<string?> Choice<T>(string name, string description)
        where T : struct, Enum
    {
        var option = new Option<string?>(name) { Description = $"{description} [default: the preset's]" };
        option.AcceptOnlyFromAmong([.. Enum.GetNames<T>().Select(value => value.ToLowerInvariant())]);
        return option;
    }

    private static T? Given<T>(ParseResult result, Option<string?> option)
        where T : struct, Enum => result.GetValue(option) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : null;
}
