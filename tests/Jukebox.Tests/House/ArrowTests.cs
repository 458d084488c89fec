using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Jukebox.Tests.House;

/// <summary>
/// Who may see whom, as <c>src/README.md</c> draws it: between projects by their references, between the rooms of a project by
/// the <c>using</c> lines of their files. The compiler refuses a line that is missing and, as an error of style, one that is not
/// needed, so the lines are what a file depends on.
/// </summary>
public sealed partial class ArrowTests
{
    /// <summary>What each project may see; a name in <c>src</c> and <c>tools</c> that is no key is a failure.</summary>
    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["Core"] = [],
        ["Audio"] = ["Core"],
        ["Models"] = ["Audio", "Core"],
        ["Songs"] = ["Models", "Audio", "Core"],
        ["Recordings"] = ["Models", "Audio", "Core"],
        ["Training"] = ["Recordings", "Models", "Audio", "Core"],
        ["Conversion"] = ["Models", "Audio", "Core"],
        ["Cpu"] = ["Core"],
        ["Cuda"] = ["Core"],
        ["Studio"] = ["Songs", "Recordings", "Training", "Conversion", "Cpu", "Cuda", "Models", "Audio", "Core"],
        ["Cli"] = ["Studio", "Songs", "Recordings", "Training", "Conversion", "Models", "Audio", "Core"],
        ["Convert"] = ["Conversion", "Models", "Audio", "Core"],
        ["MusicReport"] = ["Audio", "Core"],
        ["PtxMachine"] = [],
    };

    /// <summary>Rooms of a project; each may use those before it. Files at a project's root see none of its rooms, unless it has an entry "".</summary>
    private static readonly Dictionary<string, string[]> Rooms = new()
    {
        ["Core"] = ["Errors", "Text", "Randomness", "Tensors", "Files", "Contract", "Shadow"],
        ["Audio"] = ["Resampling", "Spectra", "Reading", "Writing"],
        ["Models"] = ["Format", "VqVaes", "Labels", "Priors"],
        ["Songs"] = ["Journal", "Request", "Folder", "Plan", "Sampling"],
        ["Recordings"] = ["Folders", "Caches", "Windows", "Codes", "Evaluation", "Embeddings", "VectorFiles"],
        ["Training"] = ["Optimisation", "Modules", "VqVaes", "Priors", "Settings", "Batches", "Runs", "Export"],
        ["Cpu"] = ["Simd", "Threads", "Linear", "Convolution", "Attention", "Rows", "Spectra", "Tokens", "Backend"],
        ["Cuda"] = ["Driver", "Kernels", "Compiler", "Backend"],
        ["Studio"] = ["Devices", "Models", "Songs", "Recordings", "Embeddings", "Training", "Verification", "Bench"],
    };

    /// <summary>Rooms in which work is done: the command line says to a use case what is wanted, and shows what comes of it.</summary>
    private static readonly string[] Workrooms =
    [
        "Models.VqVaes", "Models.Priors", "Songs.Journal", "Recordings.Caches", "Recordings.Codes",
        "Training.Optimisation", "Training.Modules", "Training.VqVaes", "Training.Priors", "Conversion.Containers", "Conversion.Targets",
    ];

    [Fact]
    public void ProjectsSeeWhatTheyMay()
    {
        Assert.All(ProjectFolders(), folder =>
        {
            string name = NameOf(folder);
            string file = Assert.Single(Directory.GetFiles(folder, "*.csproj"));
            IEnumerable<string> seen = XDocument.Load(file).Descendants("ProjectReference").Select(reference => NameOf(Path.GetDirectoryName(reference.Attribute("Include")!.Value)!));
            Assert.Empty(seen.Except(Projects[name]));
        });
    }

    [Fact]
    public void FilesUseOnlyProjectsThatTheirsMaySee() => Assert.All(ProjectFolders().SelectMany(SourcesOf), source =>
    {
        string own = NameOf(source.Project);
        Assert.Empty(source.Uses.Where(use => use.Project != own && !Projects[own].Contains(use.Project)).Select(use => $"{source.Path} uses {use}"));
    });

    [Fact]
    public void RoomsUseOnlyTheRoomsBeforeThem() => Assert.All(Rooms.Keys.SelectMany(name => SourcesOf(Path.Combine(Repository.Root, "src", $"Jukebox.{name}"))), source =>
    {
        string own = NameOf(source.Project);
        string[] rooms = Rooms[own];
        int place = source.Room.Length == 0 ? 0 : Array.IndexOf(rooms, source.Room);
        Assert.True(place >= 0, $"{source.Path} is in a room that no list has");
        Assert.Empty(source.Uses.Where(use => use.Project == own && use.Room != source.Room && !rooms.AsSpan(0, place).Contains(use.Room)).Select(use => $"{source.Path} uses {use}"));
    });

    [Fact]
    public void TheCommandLineDoesNoWorkItself() => Assert.All(SourcesOf(Path.Combine(Repository.Root, "src", "Jukebox.Cli")), source =>
        Assert.Empty(source.Uses.Select(use => $"{use.Project}.{use.Room}").Intersect(Workrooms)));

    [Fact]
    public void NamespacesAreFolders() => Assert.All(Rooms.Keys.SelectMany(name => SourcesOf(Path.Combine(Repository.Root, "src", $"Jukebox.{name}"))), source =>
        Assert.Equal($"Jukebox.{NameOf(source.Project)}{(source.Room.Length > 0 ? "." : "")}{source.Room}", NamespaceLine().Match(File.ReadAllText(source.Path)).Groups[1].Value));

    private static IEnumerable<string> ProjectFolders() => new[] { "src", "tools" }.SelectMany(place => Directory.GetDirectories(Path.Combine(Repository.Root, place)))
        .Where(folder => Directory.GetFiles(folder, "*.csproj").Length > 0);

    private static string NameOf(string projectFolder) => projectFolder[(projectFolder.LastIndexOf("Jukebox.", StringComparison.Ordinal) + "Jukebox.".Length)..];

    private static IEnumerable<Source> SourcesOf(string project) => Directory.GetFiles(project, "*.cs", SearchOption.AllDirectories)
        .Select(path => (Path: path, Parts: Path.GetRelativePath(project, path).Split(Path.DirectorySeparatorChar)))
        .Where(file => file.Parts[0] is not ("bin" or "obj" or "Properties"))
        .Select(file => new Source(project, file.Path, file.Parts.Length > 1 ? file.Parts[0] : "", [.. UsingLine().Matches(File.ReadAllText(file.Path)).Select(use => new Use(use.Groups[1].Value, use.Groups[2].Value))]));

    [GeneratedRegex(@"(?m)^(?:global )?using (?:static )?(?:\w+ = )?Jukebox\.(\w+)(?:\.(\w+))?")]
    private static partial Regex UsingLine();

    [GeneratedRegex(@"(?m)^namespace ([\w.]+);")]
    private static partial Regex NamespaceLine();

    private sealed record Source(string Project, string Path, string Room, Use[] Uses);

    private sealed record Use(string Project, string Room);
}
