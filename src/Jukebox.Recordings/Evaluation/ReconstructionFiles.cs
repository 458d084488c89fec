using Jukebox.Audio.Writing;
using Jukebox.Core.Files;

namespace Jukebox.Recordings.Evaluation;

/// <summary>Where reconstructions go: level_L/NAME.wav, so that a folder holds one level under the recordings' names.</summary>
internal sealed class ReconstructionFiles
{
    private readonly string _folder;
    private readonly string[] _names;

    private ReconstructionFiles(string folder, string[] names) => (_folder, _names) = (folder, names);

    /// <summary>Names the files; a second recording of one name becomes NAME-2.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="levels">Levels of the model.</param>
    /// <param name="recordings">The recordings.</param>
    /// <param name="force">Whether files that are already there are replaced; a recording that is measured never is.</param>
    /// <exception cref="RecordingException">Something is there.</exception>
    public static ReconstructionFiles Plan(string folder, int levels, IReadOnlyList<string> recordings, bool force)
    {
        var taken = new HashSet<string>();
        var names = new string[recordings.Count];
        for (int i = 0; i < names.Length; i++)
        {
            string name = Path.GetFileNameWithoutExtension(recordings[i]);
            names[i] = name;
            for (int copy = 2; !taken.Add(names[i]); copy++)
            {
                names[i] = $"{name}-{copy}";
            }
        }

        var files = new ReconstructionFiles(folder, names);
        var inputs = recordings.Select(FilePath.Real).ToHashSet();
        foreach (string present in Enumerable.Range(0, levels).SelectMany(level => names.Select((_, i) => files.PathOf(level, i))).Where(File.Exists))
        {
            if (inputs.Contains(FilePath.Real(present)))
            {
                throw new RecordingException($"{present} is one of the recordings, and its reconstruction would be written over it; choose another --output.");
            }

            if (!force)
            {
                throw new RecordingException($"{present} is there already; choose another --output, or replace what is there with --force.");
            }
        }

        return files;
    }

    /// <summary>Begins the file of a reconstruction.</summary>
    /// <param name="level">Level that it is decoded from.</param>
    /// <param name="recording">Index of the recording.</param>
    /// <param name="sampleRateHz">Samples per second.</param>
    public WaveWriter Begin(int level, int recording, int sampleRateHz)
    {
        string path = PathOf(level, recording);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return WaveWriter.Create(path, sampleRateHz);
    }

    private string PathOf(int level, int recording) => Path.Combine(_folder, $"level_{level}", _names[recording] + ".wav");
}
