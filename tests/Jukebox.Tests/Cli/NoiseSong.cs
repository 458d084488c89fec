namespace Jukebox.Tests.Cli;

/// <summary>A folder for one test that makes songs with <see cref="NoiseModelFolder"/>; deleted at the end.</summary>
public sealed class NoiseSong : IDisposable
{
    /// <summary>The shortest song that has a window at every level of the model.</summary>
    public const string Seconds = "0.4";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("jukebox-cli-");

    /// <summary>The model folder, which other tests use too.</summary>
    public static string Model => NoiseModelFolder.Path;

    /// <summary>A path within the folder.</summary>
    public string In(params string[] parts) => Path.Combine([_folder.FullName, .. parts]);

    /// <summary>Samples a short song on the processor.</summary>
    internal CliRun Sample(string output, params string[] more) => SampleOn("cpu", output, more);

    /// <summary>The same on a device.</summary>
    internal CliRun SampleOn(string device, string output, params string[] more) =>
        CliRun.Of(["sample", "--device", device, "--model", Model, "--seconds", Seconds, "--seed", "1", "--output", In(output), .. more]);

    public void Dispose() => _folder.Delete(recursive: true);
}
