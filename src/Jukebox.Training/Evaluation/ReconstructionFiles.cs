using Jukebox.Core;

namespace Jukebox.Training;

/// <summary>Where reconstructions go: level_L/NAME.wav, so that a folder holds one level under the recordings' names.</summary>
/// <param name="folder">The folder, or none.</param>
internal sealed class ReconstructionFiles(string? folder)
{
    private readonly HashSet<string> _taken = [];

    /// <summary>Writes a reconstruction; a second recording of one name becomes NAME-2.</summary>
    public void Write(int level, string audioPath, float[] samples, int sampleRateHz)
    {
        if (folder is null)
        {
            return;
        }

        string directory = Path.Combine(folder, $"level_{level}"), name = Path.GetFileNameWithoutExtension(audioPath), path = Path.Combine(directory, name + ".wav");
        for (int copy = 2; !_taken.Add(path); copy++)
        {
            path = Path.Combine(directory, $"{name}-{copy}.wav");
        }

        Directory.CreateDirectory(directory);
        WaveFile.Write(path, samples, sampleRateHz);
    }
}
