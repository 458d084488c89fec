using System.IO.Enumeration;
using Jukebox.Conversion.Hyperparameters;
using Jukebox.Conversion.Sources;
using Jukebox.Conversion.Targets;
using Jukebox.Core.Files;
using Jukebox.Models.Format;

namespace Jukebox.Conversion;

/// <summary>
/// A folder that appears complete or not at all: written under a temporary name beside its own, then renamed. Disposing
/// it before <see cref="Complete"/> removes what was written.
/// </summary>
internal sealed class OutputFolder : IDisposable
{
    private readonly string _path;
    private bool _isComplete;

    /// <summary>Makes the temporary folder.</summary>
    /// <exception cref="ConversionException">The folder exists and may not be replaced.</exception>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <param name="path">The folder.</param>
    /// <param name="format">What it is to hold.</param>
    /// <param name="replace">Whether one that holds the same and nothing else may be replaced.</param>
    /// <param name="inputs">Files and folders that are read, which must not go with the old folder.</param>
    public OutputFolder(string path, TargetFormat format, bool replace, IEnumerable<string> inputs)
    {
        if (ProblemOf(path) is { } problem)
        {
            throw new ConversionException($"{path}: {problem}.");
        }

        _path = Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar);
        if (inputs.FirstOrDefault(input => FilePath.IsWithin(input, _path)) is { } own)
        {
            throw new ConversionException($"{path}: it holds '{own}', which is read, and which --force would delete; choose another --output.");
        }

        RequireReplaceable(path, format, replace);
        TemporaryPath = $"{_path}.partial-{Guid.NewGuid():n}";
        try
        {
            Directory.CreateDirectory(TemporaryPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConversionException($"{path}: no folder can be made there ({Reason(e, TemporaryPath)}); choose another --output.");
        }
    }

    /// <summary>Where to write.</summary>
    public string TemporaryPath { get; }

    /// <summary>Why a path cannot be that of a folder to write, or null.</summary>
    public static string? ProblemOf(string path) =>
        string.IsNullOrWhiteSpace(path) ? "it is empty; name the folder to write"
        : path.Contains('\0') ? "it has a character that no path can have; choose another name"
        : Path.GetFullPath(path) is { } full && Path.GetPathRoot(full) == full ? "it is the root of a disk; name a folder below it"
        : null;

    /// <summary>Refuses where the disk cannot hold what is to be written.</summary>
    /// <param name="lengthBytes">Bytes to write.</param>
    /// <param name="canBeNarrower">Whether the user could choose a narrower type.</param>
    /// <exception cref="ConversionException">There is too little space; the message has both numbers.</exception>
    public void RequireSpace(long lengthBytes, bool canBeNarrower)
    {
        long freeBytes = DiskSpace.FreeBytes(TemporaryPath);
        if (freeBytes < lengthBytes)
        {
            throw new ConversionException($"{_path}: the model needs {Text.Bytes(lengthBytes)} but the disk has {Text.Bytes(freeBytes)} free; make room{(canBeNarrower ? ", or choose --dtype bf16" : "")}.");
        }
    }

    /// <summary>Gives the folder its name; one that was there is removed only after that.</summary>
    public void Complete()
    {
        string? old = null;
        if (Directory.Exists(_path))
        {
            old = $"{_path}.replaced-{Guid.NewGuid():n}";
            FilePlacement.MoveFolder(_path, old);
        }

        FilePlacement.MoveFolder(TemporaryPath, _path);
        _isComplete = true;
        if (old is not null)
        {
            FilePlacement.DeleteFolder(old);
        }
    }

    /// <summary>Removes what was written if it never became complete.</summary>
    public void Dispose()
    {
        if (!_isComplete && Directory.Exists(TemporaryPath))
        {
            Directory.Delete(TemporaryPath, recursive: true);
        }
    }

    /// <summary>Only a folder of the same kind may be replaced, never one of something else.</summary>
    private void RequireReplaceable(string given, TargetFormat format, bool replace)
    {
        if (!Directory.Exists(_path))
        {
            bool isTaken = File.Exists(_path) || new FileInfo(_path).LinkTarget is not null;
            if (isTaken)
            {
                throw new ConversionException($"{given}: there is a file or a link of that name; choose another --output.");
            }

            return;
        }

        if (!replace)
        {
            throw new ConversionException($"{given}: it exists already; choose another --output, or replace it with --force.");
        }

        if (FilePath.IsWithin(Environment.CurrentDirectory, _path))
        {
            throw new ConversionException($"{given}: it is the current folder or holds it, and --force would delete it; choose another --output, or go elsewhere.");
        }

        if (Foreign(given, format) is { } name)
        {
            string kind = format == TargetFormat.ModelFolder ? "a model" : "checkpoints and label tables";
            throw new ConversionException($"{given}: it holds '{name}', which is no part of {kind}, and which --force would delete; choose another --output.");
        }
    }

    /// <summary>The first file or link below the folder that does not belong to what is to be written, or none.</summary>
    private string? Foreign(string given, TargetFormat format)
    {
        // Links to folders are not followed: what they lead to is not replaced.
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false };
        try
        {
            return new FileSystemEnumerable<string>(_path, (ref FileSystemEntry entry) => entry.ToFullPath(), everything)
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory || entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
                ShouldRecursePredicate = (ref FileSystemEntry entry) => !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            }
                .Select(file => Path.GetRelativePath(_path, file).Replace(Path.DirectorySeparatorChar, '/'))
                .Order(StringComparer.Ordinal)
                .FirstOrDefault(name => !LabelTableFiles.IsOne(name) && !(format == TargetFormat.ModelFolder ? IsOfModel(name) : CheckpointFiles.IsOne(name)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConversionException(
                $"{given}: what is in it cannot be looked at ({Reason(e, _path)}), so that --force will not delete it; choose another --output.");
        }
    }

    /// <summary>The system's words without the path in them, which may be one that the user never named.</summary>
    private static string Reason(Exception e, string path) =>
        e is UnauthorizedAccessException ? "permission denied"
        : e is DirectoryNotFoundException ? "a part of its path is no folder"
        : e.Message.Replace(path, "it", StringComparison.Ordinal).TrimEnd('.');

    private static bool IsOfModel(string name) => name is ModelDescription.FileName or ModelDescription.VqVaeFileName
        || Enumerable.Range(0, 10).Any(level => name == ModelDescription.PriorFileName(level));
}
