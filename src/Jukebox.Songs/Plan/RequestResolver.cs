using System.Security.Cryptography;
using Jukebox.Audio.Reading;
using Jukebox.Models.Format;
using Jukebox.Models.Labels;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Plan;

/// <summary>Opens a stretch of a recording at the given rate; whoever asked disposes it.</summary>
public delegate MonoAudio PromptReader(PromptRequest prompt, int sampleRateHz);

/// <summary>Samples that a stretch of a recording has at the given rate.</summary>
public delegate long PromptLength(PromptRequest prompt, int sampleRateHz);

/// <summary>Fills in everything that a request leaves open, so that a song can be made, resumed and made again.</summary>
public sealed class RequestResolver(ModelDescription model, ModelReference reference, PromptLength lengthOf)
{
    private const double DefaultSeconds = 20;
    private const double DefaultTotalSeconds = 180;
    private const int DefaultBatchSize = 16;
    private const int DefaultPrimeChunk = 256;

    private int Top => model.VqVae.Levels - 1;

    private int TopHop => model.VqVae.SamplesPerToken(Top);

    /// <summary>Resolves a request. Reads the length of prompts, and the source's description and codes.</summary>
    /// <exception cref="SamplingException">The request contradicts itself, its source or the model.</exception>
    public SongDescription Resolve(SampleRequest request)
    {
        SamplingMode mode = request.Mode
            ?? (request.Prompts is { Length: > 0 } ? SamplingMode.Primed : request.Source is not null ? SamplingMode.Continue : SamplingMode.Ancestral);
        CheckMode(mode, request);
        return mode switch
        {
            SamplingMode.Primed => Primed(request),
            SamplingMode.Continue or SamplingMode.Upsample => FromSource(request, mode),
            _ => Finish(
                request with { Mode = mode, Prompts = null, Source = null }, ItemsOf(request, 1), new int[Top + 1],
                WholeTokens(request.Seconds ?? DefaultSeconds)),
        };
    }

    private static void CheckMode(SamplingMode mode, SampleRequest request)
    {
        Refuse(mode == SamplingMode.Primed && request.Prompts is not { Length: > 0 }, "a primed song needs a prompt: name a recording.");
        Refuse(mode is SamplingMode.Continue or SamplingMode.Upsample && request.Source is null, "name the song folder to go on from.");
        Refuse(
            mode is not SamplingMode.Primed && request.Prompts is { Length: > 0 },
            $"a prompt starts a new song; it does not go with the mode '{mode.ToString().ToLowerInvariant()}'.");
        Refuse(mode is SamplingMode.Ancestral or SamplingMode.Primed && request.Source is not null, "a source song needs the mode continue or upsample.");
        Refuse(request.Seconds is not null && request.MoreSeconds is not null, "give the length of the whole song or the length to add, not both.");
        Refuse(request.MoreSeconds is not null && mode != SamplingMode.Continue, "a length to add only makes sense when a song is continued.");
        Refuse(request.Seconds is <= 0 || request.MoreSeconds is <= 0, "the length must be more than 0 seconds.");
        Refuse(request.Count is < 1, "the count must be at least 1.");
        Refuse(request.Count > SongChecks.ItemLimit || request.Items?.Length > SongChecks.ItemLimit, $"a song has at most {SongChecks.ItemLimit} items.");
        Refuse(
            request.Labels?.Contains(null) == true || request.Prompts?.Contains(null) == true || request.Levels?.Contains(null) == true,
            "a list of the request has an empty entry.");
        IEnumerable<string?> names = (request.Prompts ?? []).Select(prompt => prompt.File).Append(request.Source?.Song);
        Refuse(names.Any(name => name is "" || name?.Contains('\0') == true), "a prompt or the source has no name.");
        Refuse(
            new[] { request.Seconds, request.MoreSeconds, request.TotalSeconds, request.OffsetSeconds }.Any(seconds => seconds is { } given && !SongChecks.IsTime(given)),
            "lengths and offsets are numbers of seconds from 0 on.");
        Refuse(request.Items is { Length: 0 }, "the list of items is empty.");
        Refuse(request.Items is { } items && (items.Any(item => item < 0) || items.Distinct().Count() != items.Length), "items are different numbers from 0 on.");
        Refuse(request.Items is not null && request.Count is not null && request.Count != request.Items.Length, "give a count or a list of items, not both.");
    }

    private SongDescription Primed(SampleRequest request)
    {
        int[] items = ItemsOf(request, request.Prompts!.Length);
        PromptRequest[] prompts = [.. PerItem(request.Prompts, items).Select(prompt => prompt with { File = Path.GetFullPath(prompt.File), Sha256 = null })];
        prompts = [.. prompts.Select(prompt => prompt with { Sha256 = SourceDigest.Of(PipedRecording.PlaceOf(prompt.File)) })];
        int[] lengths = [.. prompts.Distinct().ToDictionary(prompt => prompt, PromptTokens) is var known ? prompts.Select(prompt => known[prompt]) : []];
        Refuse(lengths.Distinct().Count() > 1, $"prompts must be of one length, but these have {string.Join(", ", lengths.Distinct().Select(length => $"{SecondsOf(length):0.00}"))} s; give each a stretch of the same length.");
        Refuse(lengths[0] == 0, "the prompt is shorter than one token of the coarsest level.");
        int total = WholeTokens(request.Seconds ?? Math.Max(DefaultSeconds, SecondsOf(lengths[0])));
        Refuse(
            total < lengths[0],
            $"the prompt has {SecondsOf(lengths[0]):0.00} s, the whole song only {SecondsOf(total):0.00} s; ask for more seconds, or a shorter prompt.");
        return Finish(request with { Mode = SamplingMode.Primed, Prompts = prompts, Source = null }, items, KnownAt(lengths[0]), total);
    }

    private int PromptTokens(PromptRequest prompt)
    {
        // Looked at even where the end is given: a stretch that is not there is refused before a folder is made for the song.
        double available = (double)lengthOf(prompt, model.SampleRateHz) / model.SampleRateHz;
        double seconds = prompt.EndSeconds is { } end ? end - prompt.StartSeconds : available;
        int tokens = WholeTokens(available), wanted = WholeTokens(seconds);

        // Audio that a model made of "6 s" ends within the token before: who says 6 means its end.
        Refuse(tokens + 1 < wanted, $"{prompt.File} has {available:0.00} s from {prompt.StartSeconds:0.00} s on, but the prompt was to have {seconds:0.00} s.");
        Refuse(!(seconds > 0) || prompt.StartSeconds < 0, $"the stretch of {prompt.File} is empty.");
        return Math.Min(tokens, wanted);
    }

    private SongDescription FromSource(SampleRequest request, SamplingMode mode)
    {
        SourceSong source = SourceSong.Read(request.Source!, reference, model);
        int[] items = request.Items ?? (request.Count is { } count ? [.. Enumerable.Range(0, count)] : source.Items);
        int[] rows = [.. items.Select((_, i) => source.Rows[i % source.Rows.Length])];
        bool upsample = mode == SamplingMode.Upsample;
        (int start, int end) = source.Cut(request.Source!, TopHop, model.SampleRateHz, upsample ? UpsamplingWindow() : 1, upsample);
        int[] known = source.KnownAt(start, end, mode, request.SampleLevels ?? LevelsOf(mode), level => TopHop / model.VqVae.SamplesPerToken(level));
        int length = end - start;
        int total = upsample
            ? length
            : request.MoreSeconds is { } more ? length + WholeTokens(more) : WholeTokens(request.Seconds ?? (SecondsOf(length) + DefaultSeconds));
        Refuse(total < length, $"the source has {SecondsOf(length):0.00} s, the whole song only {SecondsOf(total):0.00} s; ask for more seconds, or an earlier cut.");
        SampleRequest old = source.Description.Request;
        return Finish(
            request with
            {
                Mode = mode,
                Prompts = null,
                Labels = request.Labels ?? [.. rows.Select(row => old.Labels![row])],
                Seed = request.Seed ?? old.Seed,
                TotalSeconds = request.TotalSeconds ?? Math.Max(old.TotalSeconds!.Value, old.OffsetSeconds!.Value + SecondsOf(start + total)),
                OffsetSeconds = request.OffsetSeconds ?? old.OffsetSeconds!.Value + SecondsOf(start),
                Source = new SourceRequest(
                    Path.GetFullPath(request.Source!.Song), [.. rows.Select(row => source.Description.Items[row])], SecondsOf(start), SecondsOf(end),
                    SongIdentity.Of(source.Description)),
            },
            items,
            known,
            total);
    }

    /// <summary>Top-level tokens of the longest window of the levels below the top.</summary>
    private int UpsamplingWindow() => model.Priors.Where(prior => prior.Level < Top)
        .Select(prior => (prior.ContextLength * model.VqVae.SamplesPerToken(prior.Level)) / TopHop)
        .DefaultIfEmpty(1).Max();

    private SongDescription Finish(SampleRequest request, int[] items, int[] knownTokens, int topTokens)
    {
        SampleRequest resolved = request with
        {
            Items = items,
            Count = items.Length,
            Labels = PerItem(request.Labels is { Length: > 0 } ? request.Labels : [new SongLabel()], items),
            Seconds = SecondsOf(topTokens),
            MoreSeconds = null,
            OffsetSeconds = request.OffsetSeconds ?? 0,
            TotalSeconds = request.TotalSeconds ?? TotalSecondsOf((request.OffsetSeconds ?? 0) + SecondsOf(topTokens)),
            Seed = request.Seed ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
            SampleLevels = [.. (request.SampleLevels ?? LevelsOf(request.Mode!.Value)).Distinct().OrderDescending()],
            PrimeChunk = request.PrimeChunk ?? DefaultPrimeChunk,
        };
        Refuse(
            model.VqVae.CodebookSize > SongChecks.CodeLimit,
            $"the model '{model.Name}' has {model.VqVae.CodebookSize} codes a level, and songs hold at most {SongChecks.CodeLimit}; use a model with fewer.");
        foreach (int level in (request.Levels ?? []).Select(settings => settings.Level).Concat(request.SampleLevels ?? []))
        {
            Refuse(level < 0 || level > Top, $"there is no level {level}; the model has levels 0 to {Top}.");
        }

        Refuse(resolved.SampleLevels.Length == 0, $"the model '{model.Name}' has no prior for any level that this mode samples.");
        Refuse(topTokens == 0, $"less than one token of the coarsest level ({SecondsOf(1):0.####} s) was asked for.");
        Refuse(resolved.PrimeChunk is < 1 or > SongChecks.PrimeChunkLimit, $"the priming chunk must be at least 1 and at most {SongChecks.PrimeChunkLimit}.");
        return new SongDescription
        {
            Model = reference,
            SampleRateHz = model.SampleRateHz,
            SampleLength = (long)topTokens * TopHop,
            KnownTokens = knownTokens,
            SamplesPerToken = [.. Enumerable.Range(0, Top + 1).Select(model.VqVae.SamplesPerToken)],
            CodebookSize = model.VqVae.CodebookSize,
            LyricTokens = [.. Enumerable.Range(0, Top + 1).Select(level => SongChecks.LyricTokensOf(model, level))],
            Request = resolved with { Levels = [.. resolved.SampleLevels.Select(level => SettingsOf(request, level))] },
        };
    }

    private LevelRequest SettingsOf(SampleRequest request, int level)
    {
        LevelRequest given = Array.Find(request.Levels ?? [], settings => settings.Level == level) ?? new LevelRequest { Level = level };
        LevelDefaults defaults = DefaultsOf(level);
        bool filtered = given.TopK is not null || given.TopP is not null;
        LevelRequest settings = given with
        {
            Temperature = given.Temperature ?? defaults.Temperature,
            TopK = given.TopK ?? (filtered ? 0 : defaults.TopK),
            TopP = given.TopP ?? (filtered ? 0 : defaults.TopP),
            HopFraction = given.HopFraction ?? defaults.HopFraction,
            BatchSize = given.BatchSize ?? DefaultBatchSize,
        };
        if (SongChecks.Problem(settings) is { } problem)
        {
            throw new SamplingException($"level {level}: {problem}.");
        }

        return settings;
    }

    private LevelDefaults DefaultsOf(int level) => level < model.Defaults.Length ? model.Defaults[level] : new LevelDefaults();

    /// <summary>
    /// How long a song is imagined that nobody gave a length: the model's default. Where that is outside the lengths that the
    /// model knows, the shortest of those that holds the audio.
    /// </summary>
    private double TotalSecondsOf(double endSeconds)
    {
        double seconds = Math.Max(DefaultsOf(Top).TotalSeconds ?? DefaultTotalSeconds, endSeconds);
        if (model.PriorOf(Top)?.Labels is not { } labels || (seconds >= labels.MinDurationSeconds && seconds < labels.MaxDurationSeconds))
        {
            return seconds;
        }

        // In whole samples, as the label counts them: rounded down it would be too short.
        return Math.Max(endSeconds, Math.Ceiling(labels.MinDurationSeconds * model.SampleRateHz) / model.SampleRateHz);
    }

    private int[] LevelsOf(SamplingMode mode) =>
        [.. model.Priors.Select(prior => prior.Level).Where(level => mode != SamplingMode.Upsample || level < Top)];

    private int[] KnownAt(int topTokens) =>
        [.. Enumerable.Range(0, Top + 1).Select(level => topTokens * (TopHop / model.VqVae.SamplesPerToken(level)))];

    /// <summary>Whole top-level tokens in a length; a rounding error short of one more counts as one more.</summary>
    private int WholeTokens(double seconds)
    {
        double tokens = Math.Floor((seconds * model.SampleRateHz / TopHop) + 1e-6);
        Refuse(!(tokens * TopHop / model.VqVae.SamplesPerToken(0) <= int.MaxValue), $"{seconds:0.##} s are more than a song can have; ask for less.");
        return (int)tokens;
    }

    private double SecondsOf(int topTokens) => (double)topTokens * TopHop / model.SampleRateHz;

    private static int[] ItemsOf(SampleRequest request, int least) => request.Items ?? [.. Enumerable.Range(0, request.Count ?? least)];

    /// <summary>One entry per item: as listed where the counts agree, else by the item's index, starting over.</summary>
    private static T[] PerItem<T>(T[] entries, int[] items) =>
        entries.Length == items.Length ? entries : [.. items.Select(item => entries[item % entries.Length])];

    private static void Refuse(bool wrong, string message)
    {
        if (wrong)
        {
            throw new SamplingException(message);
        }
    }
}
