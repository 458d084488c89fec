using Jukebox.Audio.Reading;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Models.Format;
using Jukebox.Songs.Journal;
using Jukebox.Songs.Request;

namespace Jukebox.Songs.Folder;

/// <summary>
/// What a run writes: <c>song.json</c>, <c>codes/level_L.codes</c>, <c>level_L/item_I.wav</c>, <c>alignment.json</c>, and
/// <c>prompt_P.recording</c> of what came through a pipe.
/// An open folder is locked against other processes; the lock is the operating system's and dies with the process.
/// </summary>
public sealed class SongFolder : IDisposable
{
    /// <summary>What a folder that is a song holds.</summary>
    public const string DescriptionFileName = "song.json";
    internal const string AlignmentFileName = "alignment.json";
    private const string CodesFolderName = "codes";
    private const string LevelFolderPrefix = "level_";
    private const string PromptPrefix = "prompt_";
    private const string PromptSuffix = ".recording";

    private readonly FolderLock _lock;

    private SongFolder(string path, SongDescription description, FolderLock folderLock, bool repair)
    {
        FolderPath = path;
        Description = description;
        Repair = repair;
        _lock = folderLock;
    }

    /// <summary>Path as it was given.</summary>
    public string FolderPath { get; }

    /// <summary>What the song is to be.</summary>
    public SongDescription Description { get; }

    /// <summary>Whether journals that are damaged in the middle are to be cut there.</summary>
    public bool Repair { get; }

    /// <summary>Path of the lyric alignment.</summary>
    public string AlignmentPath => Path.Combine(FolderPath, AlignmentFileName);

    /// <summary>Begins a song: locks the folder and writes its description.</summary>
    /// <param name="path">The folder; made where it is not there.</param>
    /// <param name="description">The song.</param>
    /// <param name="force">Whether a song that is already there, whole or in part, is deleted.</param>
    /// <exception cref="SamplingException">There is a song already, or what only a song has, or what the new one is made from; or another process uses the folder.</exception>
    public static SongFolder Create(string path, SongDescription description, bool force)
    {
        Directory.CreateDirectory(path);
        RequireNoLinks(path);
        FolderLock folderLock = FolderLock.Take(path);
        try
        {
            string[] present = FilesOf(path);
            if (present.Length > 0 && !force)
            {
                throw new SamplingException(File.Exists(Path.Combine(path, DescriptionFileName))
                    ? $"{path} already holds a song; {WaysOn(path)}choose another folder, or overwrite it with --force."
                    : $"{path} holds {Path.GetRelativePath(path, present[0])} but no song; choose another folder, or overwrite it with --force.");
            }

            RequireNoInput(path, present, description.Request);
            Array.ForEach(present, File.Delete);
            Directory.CreateDirectory(Path.Combine(path, CodesFolderName));
            description = WithOwnPrompts(path, description);
            DurableFile.WriteAtomically(Path.Combine(path, DescriptionFileName), SourcePlaces.Written(description, path).ToJson());
            return new SongFolder(path, description, folderLock, repair: false);
        }
        catch
        {
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Opens a song to go on with it.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="repair">Whether a journal that is damaged in the middle is cut there, its old content kept beside it.</param>
    /// <exception cref="SamplingException">There is no song, or another process uses the folder.</exception>
    public static SongFolder Resume(string path, bool repair = false)
    {
        SongDescription description = ReadDescription(path);
        RequireNoLinks(path);
        return new SongFolder(path, description, FolderLock.Take(path), repair);
    }

    /// <summary>Whether a folder holds a song.</summary>
    public static bool HoldsSong(string path) => File.Exists(Path.Combine(path, DescriptionFileName));

    /// <summary>Reads the description of a song, which may be in use.</summary>
    /// <exception cref="SamplingException">There is no song.</exception>
    public static SongDescription ReadDescription(string path)
    {
        string file = Path.Combine(path, DescriptionFileName);
        return File.Exists(file)
            ? SourcePlaces.Read(SongDescription.Read(file), path)
            : throw new SamplingException($"{path} holds no song: it has no {DescriptionFileName}.");
    }

    /// <summary>Reads a request from a file of its own, or that of a song from its <c>song.json</c>, which makes the same song again.</summary>
    /// <exception cref="SamplingException">It is not valid.</exception>
    public static SampleRequest ReadRequest(string path) => Path.GetFileName(path) == DescriptionFileName
        ? ReadDescription(Path.GetDirectoryName(Path.GetFullPath(path))!).Request
        : SampleRequest.Parse(RegularFile.ReadAll(path, SealedJson.LimitBytes, "give a request as --help shows one"), path);

    /// <summary>Reads the description of a song whose codes are to be used with a model.</summary>
    /// <exception cref="SamplingException">There is no song, or it was made with another model.</exception>
    public static SongDescription ReadDescription(string path, ModelReference reference, ModelDescription model)
    {
        SongDescription song = ReadDescription(path);
        return song.Model.Fingerprint != reference.Fingerprint
            ? throw new SamplingException(
                $"{path} was made with the model '{song.Model.Name}' ({song.Model.Fingerprint}), not with '{reference.Name}' ({reference.Fingerprint}); "
                + "codes mean nothing to another model: name the right one with --model.")
            : SongChecks.Problem(song, model) is { } problem
                ? throw new SamplingException($"the description of {path} does not fit its model: {problem}; put the original {DescriptionFileName} back.")
            : song;
    }

    /// <summary>
    /// The codes of a level, by place in the list of items, each as far as it has come; empty where the song has none.
    /// The song may be in use. Lyric tokens count as code 0.
    /// </summary>
    public static int[][] ReadCodes(string path, int level)
    {
        SongDescription description = ReadDescription(path);
        string file = JournalPath(path, level);
        if (!File.Exists(file))
        {
            return [];
        }

        IReadOnlyList<List<int>> rows = CodeJournal.Read(file, description.JournalHeader(level));
        return [.. rows.Select(row => row.Select(code => Math.Max(code, 0)).ToArray())];
    }

    /// <summary>Bytes of what there is of a song in a folder.</summary>
    public static long LengthBytes(string path) => FilesOf(path).Sum(file => new FileInfo(file).Length);

    /// <summary>Path of a level's journal.</summary>
    public static string JournalPath(string path, int level) => Path.Combine(path, CodesFolderName, $"{LevelFolderPrefix}{level}.codes");

    /// <summary>Path of an item's audio at a level.</summary>
    public static string WavePath(string path, int level, int item) => Path.Combine(path, $"{LevelFolderPrefix}{level}", $"item_{item}.wav");

    /// <summary>Opens the journal of a level.</summary>
    /// <exception cref="DamagedFileException">It is damaged in the middle.</exception>
    public CodeJournal OpenJournal(int level, bool keeps = true)
    {
        Directory.CreateDirectory(Path.Combine(FolderPath, CodesFolderName));
        return CodeJournal.Open(JournalPath(FolderPath, level), Description.JournalHeader(level), Repair, keeps);
    }

    /// <summary>Opens the checksums of audio and alignment.</summary>
    internal DerivedSums OpenSums()
    {
        Directory.CreateDirectory(Path.Combine(FolderPath, CodesFolderName));
        return DerivedSums.Open(SumsPath(FolderPath));
    }

    /// <summary>Path of the checksums of audio and alignment.</summary>
    public static string SumsPath(string path) => Path.Combine(path, CodesFolderName, DerivedSums.FileName);

    /// <summary>Lets go of the folder.</summary>
    public void Dispose() => _lock.Dispose();

    /// <summary>What there is of a song in a folder, its description first.</summary>
    private static string[] FilesOf(string path) =>
    [
        .. new[] { DescriptionFileName, AlignmentFileName }.Select(name => Path.Combine(path, name)).Where(File.Exists),
        .. FilesIn(Path.Combine(path, CodesFolderName), LevelFolderPrefix + "*.codes*"),
        .. new[] { SumsPath(path) }.Where(File.Exists),
        .. FilesIn(path, PromptPrefix + "*" + PromptSuffix),
        .. Directory.EnumerateDirectories(path, LevelFolderPrefix + "*").Order(StringComparer.Ordinal).SelectMany(folder => FilesIn(folder, "item_*.wav")),
    ];

    private static IEnumerable<string> FilesIn(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];

    /// <summary>
    /// Keeps the prompts that came through pipes, which are nowhere when the song goes on after an interruption. What only has codes does not go on.
    /// </summary>
    private static SongDescription WithOwnPrompts(string path, SongDescription description)
    {
        if (description.Request is not { Prompts: { } prompts, SampleLevels.Length: > 0 } request)
        {
            return description;
        }

        string[] piped = [.. prompts.Select(prompt => prompt.File).Distinct().Where(file => PipedRecording.PlaceOf(file) != file)];
        string[] kept = [.. piped.Select((_, i) => Path.GetFullPath(Path.Combine(path, $"{PromptPrefix}{i}{PromptSuffix}")))];
        for (int i = 0; i < piped.Length; i++)
        {
            using FileStream source = RegularFile.OpenRead(PipedRecording.PlaceOf(piped[i]));
            DurableFile.WriteAtomically(kept[i], source.CopyTo);
        }

        return description with
        {
            Request = request with
            {
                Prompts = [.. prompts.Select(prompt => Array.IndexOf(piped, prompt.File) is >= 0 and int i ? prompt with { File = kept[i] } : prompt)],
            },
        };
    }

    /// <summary>How a song that is there could go on: one that was made from a recording alone cannot.</summary>
    private static string WaysOn(string path)
    {
        try
        {
            return ReadDescription(path).Request.SampleLevels is { Length: > 0 } ? $"finish it with 'jukebox-native sample --resume {path}', " : "";
        }
        catch (DamagedFileException)
        {
            return "";
        }
    }

    /// <summary>
    /// Refuses a folder whose files or folders are links, or files with other names: what is written to them would change something elsewhere.
    /// Likewise one with a file where a folder belongs.
    /// </summary>
    private static void RequireNoLinks(string path)
    {
        string[] folders = [Path.Combine(path, CodesFolderName), .. Directory.EnumerateDirectories(path, LevelFolderPrefix + "*")];
        string[] own = [DescriptionFileName, AlignmentFileName, FolderLock.FileName, FolderLock.OwnerFileName];
        string[] written = [.. own.SelectMany(name => new[] { name, name + ".tmp" }).Select(name => Path.Combine(path, name))
            .Concat(folders)
            .Concat(FilesIn(path, PromptPrefix + "*"))
            .Concat(folders.Where(Directory.Exists).SelectMany(Directory.EnumerateFileSystemEntries))];
        if (written.FirstOrDefault(entry => new FileInfo(entry).LinkTarget is not null) is { } link)
        {
            throw new SamplingException($"{link} is a link to elsewhere, which would be written through; put the file itself in its place, or delete the link.");
        }

        if (written.FirstOrDefault(RegularFile.HasOtherNames) is { } shared)
        {
            throw new SamplingException($"{shared} has another name elsewhere (a hard link), which would be changed with it; go on in a copy of the folder (cp -r).");
        }

        if (FilesIn(path, LevelFolderPrefix + "*").Append(Path.Combine(path, CodesFolderName)).FirstOrDefault(File.Exists) is { } file)
        {
            throw new SamplingException($"{file} is a file, and a folder of the song belongs there; move it away.");
        }
    }

    /// <summary>Refuses to delete what the song is made from.</summary>
    private static void RequireNoInput(string path, string[] present, SampleRequest request)
    {
        string? input = request.Source is { } source && present.Length > 0 && FilePath.AreSame(path, source.Song)
            ? source.Song
            : request.Prompts?.Select(prompt => prompt.File).FirstOrDefault(file => present.Any(other => FilePath.AreSame(other, file)));
        if (input is not null)
        {
            throw new SamplingException($"{input} would be deleted, and the song is made from it; choose another folder with --output.");
        }
    }
}
