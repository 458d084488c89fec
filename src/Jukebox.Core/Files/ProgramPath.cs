namespace Jukebox.Core.Files;

/// <summary>Where a program is that is to be run.</summary>
public static class ProgramPath
{
    /// <summary>
    /// The first program of a name on the PATH, or none. Left to itself, the runtime would look in the current folder before the PATH,
    /// so that a folder of recordings could bring an ffmpeg of its own. Windows runs what ends in .exe; a script is not looked for,
    /// as it would see the arguments through a shell.
    /// </summary>
    /// <param name="name">Name of the program, without an ending.</param>
    public static string? Find(string name) => Find(name, Environment.GetEnvironmentVariable("PATH") ?? "", OperatingSystem.IsWindows());

    /// <summary>The same in a given list of folders. Ones that depend on where one is do not count.</summary>
    internal static string? Find(string name, string folders, bool isWindows) => folders
        .Split(isWindows ? ';' : ':', StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => isWindows ? folder.Trim().Trim('"') : folder)
        .Where(Path.IsPathFullyQualified)
        .Select(folder => Path.Combine(folder, isWindows ? name + ".exe" : name))
        .FirstOrDefault(path => File.Exists(path) && (isWindows || IsExecutable(path)));

    private static bool IsExecutable(string path) => !OperatingSystem.IsWindows()
        && (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
