using Jukebox.Models.Format;
using Jukebox.Models.Labels;

namespace Jukebox.Songs.Request;

/// <summary>Whether a description of a song from outside makes sense, by itself and with its model, before anything is done with it.</summary>
public static class SongChecks
{
    private const int LevelLimit = 8;

    /// <summary>Most codes of a level: journals hold 16 bits of each, negative ones for lyric tokens.</summary>
    public const int CodeLimit = short.MaxValue;

    /// <summary>Most known tokens that are loaded at once.</summary>
    public const int PrimeChunkLimit = 1 << 24;

    /// <summary>Most items of a song.</summary>
    public const int ItemLimit = 1 << 16;

    /// <summary>What is inconsistent or out of range in a description, or null.</summary>
    public static string? Problem(SongDescription song)
    {
        SampleRequest request = song.Request;
        int levels = song.SamplesPerToken.Length;
        return levels is < 1 or > LevelLimit || song.KnownTokens.Length != levels || song.LyricTokens.Length != levels
            ? $"it has {levels} levels with {song.KnownTokens.Length} numbers of known and {song.LyricTokens.Length} of lyric tokens"
            : song.Model.Fingerprint.Length != 64 || !song.Model.Fingerprint.All(char.IsAsciiHexDigit) ? $"'{song.Model.Fingerprint}' is not the fingerprint of a model"
            : song.SampleRateHz is < 1 or > 1_000_000 ? $"the sample rate is {song.SampleRateHz} Hz"
            : song.CodebookSize is < 1 or > CodeLimit ? $"the codebooks have {song.CodebookSize} codes"
            : song.LyricTokens.Any(count => count is < 0 or > short.MaxValue) ? "a level has too many lyric tokens, or less than none"
            : song.SamplesPerToken.Any(samples => samples is < 1 or > 1 << 24)
                || song.SamplesPerToken.Zip(song.SamplesPerToken.Skip(1)).Any(pair => pair.Second % pair.First != 0)
                ? "the samples per token of its levels do not fit each other"
            : ProblemOfLength(song) ?? ProblemOf(request, levels) ?? ProblemOfSettings(request);
    }

    /// <summary>What a description says otherwise than the model of its fingerprint, or null.</summary>
    public static string? Problem(SongDescription song, ModelDescription model)
    {
        int levels = model.VqVae.Levels;
        return song.SampleRateHz != model.SampleRateHz ? $"it is to have {song.SampleRateHz} samples a second, and the model makes {model.SampleRateHz}"
            : song.CodebookSize != model.VqVae.CodebookSize ? $"it is to have {song.CodebookSize} codes, and the model has {model.VqVae.CodebookSize}"
            : !song.SamplesPerToken.SequenceEqual(Enumerable.Range(0, levels).Select(model.VqVae.SamplesPerToken))
            ? $"its levels have {string.Join(", ", song.SamplesPerToken)} samples per token, which are not the model's"
            : song.LyricTokens.Index().Any(level => level.Item != LyricTokensOf(model, level.Index)) ? "its lyric tokens are not the model's"
            : song.Request.SampleLevels!.Where(level => model.PriorOf(level) is null).Cast<int?>().FirstOrDefault() is { } missing
            ? $"its level {missing} is to be sampled, and the model has no prior for that"
            : null;
    }

    /// <summary>Lyric tokens that a level of a model can draw between music codes.</summary>
    public static int LyricTokensOf(ModelDescription model, int level) =>
        model.PriorOf(level) is { Lyrics: LyricsMode.SameSequence } prior ? prior.LyricsVocabulary : 0;

    private static string? ProblemOfLength(SongDescription song)
    {
        long top = song.SamplesPerToken[^1];
        return song.SampleLength < 1 || song.SampleLength % top != 0 || song.SampleLength / song.SamplesPerToken[0] > int.MaxValue ? $"its length is "
            + $"{song.SampleLength} samples"
            : song.KnownTokens.Index().Any(level => level.Item < 0 || level.Item > song.SampleLength / song.SamplesPerToken[level.Index]) ? "it knows more "
                + "tokens than it has, or less than none"
            : null;
    }

    private static string? ProblemOf(SampleRequest request, int levels) =>
        request.Mode is not { } mode || !Enum.IsDefined(mode) ? "it has no mode that there is"
        : request.Items is not { Length: > 0 and <= ItemLimit } items || items.Any(item => item < 0) || items.Distinct().Count() != items.Length
            ? "its items are not different numbers from 0 on"
        : request.Count is { } count && count != items.Length ? $"it counts {count} items and lists {items.Length}"
        : request.Labels is not { } labels || labels.Length != items.Length || labels.Any(label => !IsWhole(label)) ? "it has not one label for each item"
        : request.Prompts is { } prompts && (prompts.Length != items.Length || !prompts.All(IsWhole))
            ? "it has not one prompt for each item"
        : request.Source is { } source && (source.Items?.Length != items.Length || !IsTime(source.StartSeconds) || !IsTime(source.EndSeconds ?? 0))
            ? "it has not one item of its source for each of its own"
        : (mode == SamplingMode.Primed) != request.Prompts is not null || (mode is SamplingMode.Continue or SamplingMode.Upsample) != request.Source is not null
            ? $"its mode is {mode}, and its prompts and source are not what that has"
        : request.Seed is null ? "it has no seed"
        : request.TotalSeconds is not { } total || !IsTime(total) || request.OffsetSeconds is not { } offset || !IsTime(offset) ? "it has no total length or no offset"
        : request.PrimeChunk is null or < 1 or > PrimeChunkLimit ? "its priming chunk is less than 1"
        : request.SampleLevels is not { } sampled || sampled.Any(level => level < 0 || level >= levels) || sampled.Distinct().Count() != sampled.Length
            ? "the levels to be sampled are none of its levels"
        : null;

    private static string? ProblemOfSettings(SampleRequest request) =>
        request.Levels is not { } settings || settings.Contains(null) || !settings.Select(level => level.Level).Order().SequenceEqual(request.SampleLevels!.Order())
            ? "it has not one entry of settings for each level to be sampled"
        : settings.FirstOrDefault(level => Problem(level) is not null) is { } wrong ? $"level {wrong.Level}: {Problem(wrong)}"
        : settings.FirstOrDefault(level => !(level.HopFraction is > 0 and <= 1)) is { } far
            ? $"level {far.Level}: the hop fraction must be more than 0 and not more than 1"
        : null;

    /// <summary>What is out of range in the settings of a level, every one of which is there; or null.</summary>
    public static string? Problem(LevelRequest settings) =>
        !(settings.Temperature is > 0 and < 1e6) ? "the temperature must be more than 0; for the most probable code always, set top-k to 1"
        : settings.TopK is null or < 0 || !(settings.TopP is >= 0 and <= 1) ? "top-k must be 0 or more, and top-p from 0 to 1"
        : settings.TopK > 0 && settings.TopP > 0 ? "top-k and top-p exclude each other; set one of them to 0"
        : settings.BatchSize is null or < 1 ? "the batch size must be at least 1"
        : null;

    private static bool IsWhole(PromptRequest? prompt) => prompt is not null && IsTime(prompt.StartSeconds) && IsTime(prompt.EndSeconds ?? 0);

    private static bool IsWhole(SongLabel? label) => label is { Artist: not null, Genre: not null, Lyrics: not null };

    /// <summary>A time that arithmetic on samples holds.</summary>
    public static bool IsTime(double seconds) => seconds is >= 0 and < 1e9;
}
