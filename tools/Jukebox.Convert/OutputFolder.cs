using Jukebox.Conversion.Models;
using Jukebox.Conversion.Sources;
using Jukebox.Conversion.Targets;
using Jukebox.Core.ModelFormat;

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
    /// <param name="replace">Whether one that holds the same may be replaced.</param>
    public OutputFolder(string path, TargetFormat format, bool replace)
    {
        _path = Path.GetFullPath(path).TrimEnd(Path.DirectorySeparatorChar);
        RequireReplaceable(path, format, replace);
        TemporaryPath = $"{_path}.partial-{Guid.NewGuid():n}";
        Directory.CreateDirectory(TemporaryPath);
    }

    /// <summary>Where to write.</summary>
    public string TemporaryPath { get; }

    /// <summary>Refuses where the disk cannot hold what is to be written.</summary>
    /// <exception cref="ConversionException">There is too little space; the message has both numbers.</exception>
    public void RequireSpace(long lengthBytes)
    {
        long freeBytes = new DriveInfo(TemporaryPath).AvailableFreeSpace;
        if (freeBytes < lengthBytes)
        {
            throw new ConversionException($"{_path}: the model needs {Text.Bytes(lengthBytes)} but the disk has {Text.Bytes(freeBytes)} free; make room, or choose --dtype bf16.");
        }
    }

    /// <summary>Gives the folder its name; one that was there is removed only after that.</summary>
    public void Complete()
    {
        string? old = null;
        if (Directory.Exists(_path))
        {
            old = $"{_path}.replaced-{Guid.NewGuid():n}";
            Directory.Move(_path, old);
        }

        Directory.Move(TemporaryPath, _path);
        _isComplete = true;
        if (old is not null)
        {
            Directory.Delete(old, recursive: true);
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
        if (File.Exists(_path))
        {
            throw new ConversionException($"{given}: there is a file of that name; choose another --output.");
        }

        if (!Directory.Exists(_path))
        {
            return;
        }

        if (!replace)
        {
            throw new ConversionException($"{given}: it exists already; choose another --output, or replace it with --force.");
        }

        bool isModel = File.Exists(Path.Combine(_path, ModelDescription.FileName));
        bool isSame = format == TargetFormat.ModelFolder ? isModel || !Directory.EnumerateFileSystemEntries(_path).Any() : HoldsOnlyCheckpoints();
        if (!isSame)
        {
            string kind = format == TargetFormat.ModelFolder ? "a model" : "checkpoints and label tables";
            throw new ConversionException($"{given}: it holds something other than {kind}, which --force does not replace; choose another --output.");
        }
    }

    private bool HoldsOnlyCheckpoints() => Directory.EnumerateFiles(_path, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(_path, file).Replace(Path.DirectorySeparatorChar, '/'))
        .All(name => CheckpointFiles.IsOne(name) || LabelTables.IsOne(name));
}
