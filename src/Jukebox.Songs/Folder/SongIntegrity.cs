using Jukebox.Audio.Writing;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Folder;

/// <summary>Whether what lies in a song folder is what was written there.</summary>
public static class SongIntegrity
{
    /// <summary>Everything that is wrong, in sentences that name the file and what mends it.</summary>
    /// <param name="path">The folder; the song may be in use.</param>
    public static IEnumerable<string> Problems(string path)
    {
        SongDescription song = SongFolder.ReadDescription(path);
        for (int level = song.SamplesPerToken.Length - 1; level >= 0; level--)
        {
            string? damaged = null;
            int[][] codes = [];
            try
            {
                codes = SongFolder.ReadCodes(path, level);
            }
            catch (DamagedFileException e)
            {
                damaged = e.Message;
            }

            if (damaged is not null)
            {
                yield return damaged;
            }

            foreach (string problem in song.Request.SampleLevels!.Contains(level) ? ProblemsOfAudio(path, song, level, codes) : [])
            {
                yield return problem;
            }
        }

        string alignment = Path.Combine(path, SongFolder.AlignmentFileName);
        if (File.Exists(alignment) && !Matches(alignment, 0, DerivedSums.Read(SongFolder.SumsPath(path), DerivedSums.Alignment), exactly: true))
        {
            yield return NotAsWritten(path, alignment);
        }
        else if (!File.Exists(alignment) && DerivedSums.Read(SongFolder.SumsPath(path), DerivedSums.Alignment) is not null)
        {
            yield return Missing(path, alignment);
        }
    }

    /// <summary>How far a song is that has less than it is to have, in a sentence with the command that goes on with it; or null.</summary>
    public static string? Unfinished(string path)
    {
        SongDescription song = SongFolder.ReadDescription(path);
        for (int level = song.SamplesPerToken.Length - 1; level >= 0; level--)
        {
            int total = song.TokensAt(level);
            int[][] codes = total == 0 ? [] : SongFolder.ReadCodes(path, level);
            int least = codes.Length == 0 ? 0 : codes.Min(row => row.Length);
            if (least < total)
            {
                double secondsPerToken = (double)song.SamplesPerToken[level] / song.SampleRateHz;
                string mend = song.Request.SampleLevels is { Length: > 0 }
                    ? $"'jukebox-native sample --resume {path}' goes on with it"
                    : "'jukebox-native encode' with --force makes it anew";
                return $"'{path}' is unfinished: level {level} has {least} of {total} tokens, {least * secondsPerToken:0.00} of {total * secondsPerToken:0.00} s; {mend}.";
            }
        }

        return null;
    }

    private static IEnumerable<string> ProblemsOfAudio(string path, SongDescription song, int level, int[][] codes)
    {
        for (int row = 0; row < song.Items.Length; row++)
        {
            int tokens = row < codes.Length ? codes[row].Length : 0;
            string wave = SongFolder.WavePath(path, level, song.Items[row]);
            (long LengthBytes, uint Checksum)? written = DerivedSums.Read(SongFolder.SumsPath(path), DerivedSums.OfWave(level, row, song.Items.Length));
            bool isFinished = tokens == song.TokensAt(level);
            if (!File.Exists(wave))
            {
                if (written is not null || isFinished)
                {
                    yield return Missing(path, wave);
                }

                continue;
            }

            long samples = WaveWriter.CountedFrames(wave, song.SampleRateHz);
            long most = (long)tokens * song.SamplesPerToken[level];
            if (samples > most || (isFinished && samples < most))
            {
                yield return $"{wave}: it has {samples} samples, and the codes of its level make {most}; {Remedy(path)}.";
            }
            else if (samples > 0 && written is null && song.Format != SongDescription.FirstFormat)
            {
                yield return $"{wave}: its checksum is lost, or damaged, in {SongFolder.SumsPath(path)}, so nobody can say whether it is what was written; {Remedy(path)}.";
            }
            else if (samples > 0 && !Matches(wave, WaveWriter.HeaderBytes, written, exactly: false))
            {
                yield return NotAsWritten(path, wave);
            }
        }
    }

    /// <summary>Whether a file is what was noted of it. Nothing is known of what earlier versions wrote, so that counts as right.</summary>
    private static bool Matches(string file, long start, (long LengthBytes, uint Checksum)? written, bool exactly) => written is not { } noted
        || ((!exactly || new FileInfo(file).Length == start + noted.LengthBytes) && DerivedSums.Of(file, start, noted.LengthBytes) == noted.Checksum);

    private static string NotAsWritten(string path, string file) => $"{file}: it is not what was written, as its checksum tells; {Remedy(path)}.";

    private static string Missing(string path, string file) => RegularFile.NameOf(RegularFile.KindOf(file)) is { } other
        ? $"{file}: it is {other}, and a file belongs there; move it away, then {Remedy(path)}."
        : $"{file}: the file is missing; {Remedy(path)}.";

    private static string Remedy(string path) => $"'jukebox-native sample --resume {path}' makes it anew from the codes";
}
