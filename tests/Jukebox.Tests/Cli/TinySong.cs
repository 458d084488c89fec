using Jukebox.Core.ModelFormat;

namespace Jukebox.Tests.Cli;

/// <summary>A folder for one test, with the tiny model in it; deleted at the end.</summary>
public sealed class TinySong : IDisposable
{
    /// <summary>The shortest song that has a window at every level of the tiny model.</summary>
    public const string Seconds = "0.4";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("jukebox-cli-");

    public TinySong() => TinyModel.Write(Model);

    /// <summary>The model folder.</summary>
    public string Model => In("model");

    /// <summary>A path within the folder.</summary>
    public string In(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    /// <summary>Samples a short song with the tiny model on the processor.</summary>
    internal CliRun Sample(string output, params string[] more) => SampleOn("cpu", output, more);

    /// <summary>The same on a device.</summary>
    internal CliRun SampleOn(string device, string output, params string[] more) =>
        CliRun.Of(["sample", "--device", device, "--model", Model, "--seconds", Seconds, "--seed", "1", "--output", In(output), .. more]);

    public void Dispose() => _folder.Delete(recursive: true);
}
