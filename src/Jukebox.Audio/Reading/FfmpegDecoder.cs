using System.ComponentModel;
using System.Diagnostics;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;

namespace Jukebox.Audio.Reading;

/// <summary>
/// An <c>ffmpeg</c> that decodes one file to a pipe, as WAV with float samples: the header tells rate and channels,
/// mixing and resampling stay here. No shell is involved, and no name can pass for an option.
/// </summary>
internal sealed class FfmpegDecoder : IDisposable
{
    /// <summary>How long a program may take to end that has written something other than audio.</summary>
    private const int PatienceMilliseconds = 5000;

    private readonly string _path;
    private readonly Process _process;
    private readonly Lock _lock = new();
    private string _lastError = "";

    /// <summary>Starts decoding.</summary>
    /// <exception cref="AudioException">There is no ffmpeg.</exception>
    public FfmpegDecoder(string path, string? program = null)
    {
        _path = path;
        var start = new ProcessStartInfo(program ?? ProgramPath.Find("ffmpeg") ?? throw Missing(null)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in (ReadOnlySpan<string>)[
            "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", "file:" + Path.GetFullPath(path),
            "-map", "0:a:0", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"])
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            _process = Process.Start(start) ?? throw Missing(null);
        }
        catch (Win32Exception e)
        {
            throw Missing(e);
        }

        _process.ErrorDataReceived += (_, line) => KeepLine(line.Data);
        _process.BeginErrorReadLine();
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
                string reason = _lastError.Length > 0 ? _lastError : $"exit code {_process.ExitCode}";
                throw new AudioException($"ffmpeg cannot read {_path} ({reason}); convert it to WAV with another program.");
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

    private void KeepLine(string? line)
    {
        lock (_lock)
        {
            _lastError = string.IsNullOrWhiteSpace(line) ? _lastError : line.Trim();
        }
    }

    private AudioException Missing(Exception? inner) => new(
        $"{_path} is neither WAV nor FLAC, and ffmpeg, which reads other formats, is not on the PATH; install ffmpeg, or convert the file to WAV.", inner);
}
