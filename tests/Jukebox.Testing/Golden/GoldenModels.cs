using System.Collections.Concurrent;
using Jukebox.Conversion;

namespace Jukebox.Testing.Golden;

/// <summary>
/// Golden checkpoints as model folders, each converted once per test process into a temporary folder that is removed at
/// its end. <c>pipeline_*</c> gives a whole model, <c>prior_*</c> one without a VQ-VAE's weights, <c>vqvae_*</c> one without priors.
/// </summary>
public static class GoldenModels
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Folders = new();
    private static readonly Lazy<string> Root = new(TemporaryFolder.OfTheProcess);

    /// <summary>The model folder of a case; skips the test, saying so, where the case is not there.</summary>
    public static string Folder(string caseName)
    {
        string source = GoldenDirectory.Require(caseName);
        return Folder(caseName, CheckpointsOf(source));
    }

    /// <summary>The model folder of some checkpoints, or of a repository.</summary>
    /// <param name="key">What tells it from others in this process.</param>
    /// <param name="sources">What is converted.</param>
    public static string Folder(string key, string[] sources) => Folders.GetOrAdd(key, _ => new Lazy<string>(() =>
    {
        string target = Path.Combine(Root.Value, key);
        ModelConverter.Run(new ConversionRequest { Sources = sources, Output = target });
        return target;
    })).Value;

    /// <summary>The files of a case, where the same checkpoint lies in two formats only one of them.</summary>
    public static string[] CheckpointsOf(string caseFolder)
    {
        string[] all = [.. Directory.GetFiles(caseFolder, "*.pth.tar").Order(StringComparer.Ordinal)];
        string[] legacy = [.. all.Where(path => path.EndsWith(".legacy.pth.tar", StringComparison.Ordinal))];
        return legacy.Length > 0 ? legacy : all;
    }
}
