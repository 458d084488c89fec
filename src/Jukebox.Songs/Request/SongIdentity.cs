using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Jukebox.Models.Labels;

namespace Jukebox.Songs.Request;

/// <summary>
/// What tells a song from every other: a digest over all that decides what is drawn, one <c>name=value</c> a line, in a fixed order. How much is
/// computed at once, on which device, and where files lie decide nothing and do not enter.
/// </summary>
public static class SongIdentity
{
    private const string Version = "jukebox-native-request/1";

    /// <summary>SHA-256, in hexadecimal.</summary>
    public static string Of(SongDescription song)
    {
        var text = new StringBuilder();
        void Add(string name, params IEnumerable<object?> values) =>
            text.Append(name).Append('=').AppendJoin(' ', values.Select(value => Convert.ToString(value, CultureInfo.InvariantCulture))).Append('\n');

        SampleRequest request = song.Request;
        text.Append(Version).Append('\n');
        Add("model", song.Model.Fingerprint);
        Add("sample_rate_hz", song.SampleRateHz);
        Add("sample_length", song.SampleLength);
        Add("known_tokens", song.KnownTokens.Cast<object>());
        Add("samples_per_token", song.SamplesPerToken.Cast<object>());
        Add("codebook_size", song.CodebookSize);
        Add("lyric_tokens", song.LyricTokens.Cast<object>());
        Add("mode", (int)(request.Mode ?? SamplingMode.Ancestral));
        Add("total_seconds", Number(request.TotalSeconds));
        Add("offset_seconds", Number(request.OffsetSeconds));
        Add("seed", request.Seed);
        Add("items", (request.Items ?? []).Cast<object>());
        Add("sample_levels", (request.SampleLevels ?? []).Cast<object>());
        foreach (LevelRequest level in request.Levels ?? [])
        {
            Add("level", level.Level, Number(level.Temperature), level.TopK, Number(level.TopP), Number(level.HopFraction));
        }

        foreach (SongLabel label in request.Labels ?? [])
        {
            // With their lengths, so that no text can pass for the end of another.
            Add("label", label.Artist.Length, label.Artist, label.Genre.Length, label.Genre, label.Lyrics.Length, label.Lyrics);
        }

        foreach (PromptRequest prompt in request.Prompts ?? [])
        {
            Add("prompt", Number(prompt.StartSeconds), Number(prompt.EndSeconds), prompt.Sha256);
        }

        if (request.Source is { } source)
        {
            Add("source", [source.Identity, Number(source.StartSeconds), Number(source.EndSeconds), .. (source.Items ?? []).Cast<object>()]);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Every bit of a number.</summary>
    private static string Number(double? value) => value?.ToString("R", CultureInfo.InvariantCulture) ?? "";
}
