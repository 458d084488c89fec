using Jukebox.Audio.Reading;
using Jukebox.Songs.Folder;
using Jukebox.Songs.Plan;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Sampling;

/// <summary>The codes that a song begins with: those of its prompt, or of the song it goes on from.</summary>
internal sealed class KnownCodes(ISongModel model, SongDescription song, PromptReader readPrompt)
{
    private readonly Dictionary<PromptRequest, int[][]> _encoded = [];
    private readonly Dictionary<int, int[][]> _sourceCodes = [];

    /// <summary>Known codes of a row at a level; at least as many as the description says.</summary>
    public int[] Of(int row, int level)
    {
        int[] codes = song.Request.Prompts is { } prompts ? Encode(prompts[row])[level] : FromSource(row, level);
        return codes.Length >= song.KnownTokens[level]
            ? codes
            : throw new SamplingException(
                $"level {level} was to begin with {song.KnownTokens[level]} known tokens, but there are only {codes.Length} now; the prompt or the source song has changed since.");
    }

    private int[][] Encode(PromptRequest prompt)
    {
        if (!_encoded.TryGetValue(prompt, out int[][]? codes))
        {
            if (prompt.Sha256 is { } digest && SourceDigest.Of(prompt.File) != digest)
            {
                throw new SamplingException($"{prompt.File} is not there any more as the song began with it; put the recording back, or begin another song.");
            }

            using MonoAudio audio = readPrompt(prompt, song.SampleRateHz);
            long length = (long)song.KnownTokens[^1] * song.SamplesPerToken[^1];
            codes = model.Encode(audio, length, out long available);
            if (available < length)
            {
                throw new SamplingException(
                    $"{prompt.File} has {(double)available / song.SampleRateHz:0.000} s from {prompt.StartSeconds:0.000} s on, but the prompt was to have {(double)length / song.SampleRateHz:0.000} s.");
            }

            _encoded.Add(prompt, codes);
        }

        return codes;
    }

    private int[] FromSource(int row, int level)
    {
        SourceRequest source = song.Request.Source!;
        if (!_sourceCodes.TryGetValue(level, out int[][]? codes))
        {
            codes = SongFolder.ReadCodes(source.Song, level);
            _sourceCodes.Add(level, codes);
        }

        SongDescription origin = SongFolder.ReadDescription(source.Song);
        if (source.Identity is { } identity && SongIdentity.Of(origin) != identity)
        {
            throw new SamplingException($"{source.Song} is another song now than the one that this goes on from; put that back, or begin another song.");
        }

        int place = Array.IndexOf(origin.Items, source.Items![row]);
        int start = (int)Math.Round(source.StartSeconds * song.SampleRateHz / song.SamplesPerToken[^1]) * (song.SamplesPerToken[^1] / song.SamplesPerToken[level]);
        return place < 0 || place >= codes.Length || codes[place].Length < start ? [] : codes[place][start..];
    }
}
