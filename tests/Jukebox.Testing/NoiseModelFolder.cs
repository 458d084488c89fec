using Jukebox.Models.Format;

namespace Jukebox.Testing;

/// <summary>
/// <see cref="NoiseModel"/> in a folder, for tests that need a whole model and do not care what it sounds like: written
/// once per test process and removed at its end. It is shared, so nothing may be written to it.
/// </summary>
public static class NoiseModelFolder
{
    private static readonly Lazy<string> Written = new(Write);

    /// <summary>Where it is.</summary>
    public static string Path => Written.Value;

    private static string Write()
    {
        string folder = TemporaryFolder.OfTheProcess();
        NoiseModel.Write(folder);
        return folder;
    }
}
