using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Reading;

/// <summary>
/// An <c>ffmpeg</c> that decodes one file to a pipe, as WAV with float samples: the header tells rate and channels,
/// mixing and resampling stay here. No shell is involved, no name can pass for an option, and no file that lists other files is followed.
/// </summary>
internal sealed partial class FfmpegDecoder : IDisposable
{
    /// <summary>
    /// Formats that ffmpeg may take a file for: those that hold sound themselves. Lists of files (concat, hls, dash, sdp, image
    /// sequences, subtitles with a second file) are not among them: an innocent name could make any other file readable.
    /// </summary>
    public const string Formats =
        "aa,aac,aax,ac3,eac3,aiff,amr,amrnb,amrwb,ape,apm,aptx,aptx_hd,asf,asf_o,ast,au,avi,avr,caf,codec2,dff,dfpwm,dsf,dts,dtshd,dv,"
        + "flac,flv,live_flv,g722,g723_1,gsm,gxf,hca,iff,ircam,kux,laf,loas,matroska,mlp,mmf,mov,mp3,mpc,mpc8,mpeg,mpegts,mxf,nistsphere,nut,"
        + "ogg,oma,osq,paf,pvf,qcp,qoa,rm,rso,sbc,sds,shn,sln,smjpeg,sox,spdif,swf,tak,truehd,tta,vivo,voc,vqf,w64,wav,wsd,wtv,wv,wve,xwma";

    /// <summary>How long a program may take to end that has written something other than audio.</summary>
    private const int PatienceMilliseconds = 5000;

    private readonly string _path;
    private readonly Process _process;
    private readonly Lock _lock = new();
    private string _firstComplaint = "", _lastComplaint = "";
    private int _complaints;

    /// <summary>Starts decoding.</summary>
    /// <param name="path">What to call the file in messages.</param>
    /// <param name="program">Place of ffmpeg; the one on the PATH where none is given.</param>
    /// <param name="place">Where the file is, if not at its path.</param>
    /// <exception cref="FfmpegMissingException">There is no ffmpeg.</exception>
    public FfmpegDecoder(string path, string? program = null, string? place = null)
    {
        _path = path;
        var start = new ProcessStartInfo(program ?? ProgramPath.Find("ffmpeg") ?? throw new FfmpegMissingException(path, null)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (ReadOnlySpan<string>)[
            "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe", "-format_whitelist", Formats,
            "-i", "file:" + Path.GetFullPath(place ?? path), "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            _process = Process.Start(start) ?? throw new FfmpegMissingException(path, null);
        }
        catch (Win32Exception e)
        {
            throw new FfmpegMissingException(path, e);
        }

        _process.ErrorDataReceived += (_, line) => KeepLine(line.Data);
        _process.BeginErrorReadLine();
    }

    /// <summary>What ffmpeg did not like of what it decoded, or none.</summary>
    public string? Complaint
    {
        get
        {
            lock (_lock)
            {
                return _complaints == 0 ? null : $"ffmpeg says: {_firstComplaint}{(_complaints > 1 ? $" (and {_complaints - 1} more)" : "")}";
            }
        }
    }

    /// <summary>The decoded audio.</summary>
    /// <exception cref="AudioException">ffmpeg cannot decode the file.</exception>
    public WaveReader OpenOutput()
    {
        try
        {
            return WaveReader.Open(_path, _process.StandardOutput.BaseStream);
        }
        catch (DamagedFileException)
        {
            if (_process.WaitForExit(PatienceMilliseconds))
            {
                CheckExit();
            }

            throw;
        }
    }

    /// <summary>Call at the end of the audio: waits for ffmpeg.</summary>
    /// <exception cref="AudioException">It failed.</exception>
    public void CheckExit()
    {
        _process.WaitForExit();
        if (_process.ExitCode != 0)
        {
            lock (_lock)
            {
                throw new AudioException(Failure());
            }
        }
    }

    /// <summary>Stops ffmpeg where it still runs.</summary>
    public void Dispose()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        _process.Dispose();
    }

    private string Failure()
    {
        if (_firstComplaint.Contains("matches no streams", StringComparison.Ordinal))
        {
            return $"{_path} has no sound; name another file, or check that it was recorded with sound.";
        }

        if (_firstComplaint.Contains("not on whitelist", StringComparison.Ordinal))
        {
            return $"{_path} is not a recording: ffmpeg takes it for a list of other files, or for text or pictures; name the recording itself.";
        }

        string reason = _lastComplaint.Length > 0 ? _lastComplaint : $"exit code {_process.ExitCode}";
        return $"ffmpeg cannot read {_path} ({reason}); convert it to WAV with another program.";
    }

    private void KeepLine(string? line)
    {
        if (string.IsNullOrWhiteSpace(line))
        {
            return;
        }

        // Where the decoder lies in memory is nobody's business: "[mp3float @ 0x5594f0]".
        string said = AddressOf().Replace(line.Trim(), "]");
        lock (_lock)
        {
            _firstComplaint = _complaints++ == 0 ? said : _firstComplaint;
            _lastComplaint = said;
        }
    }

    [GeneratedRegex(" @ 0x[0-9a-f]+\\]", RegexOptions.IgnoreCase)]
    private static partial Regex AddressOf();
}
