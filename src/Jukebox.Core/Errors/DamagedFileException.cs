namespace Jukebox.Core.Errors;

/// <summary>
/// A file from outside is not what it should be. The message names the file, the byte where it went wrong and what to do.
/// </summary>
public sealed class DamagedFileException : JukeboxException
{
    /// <summary>Builds the one-sentence message.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offsetBytes">Where in the file, or negative where no single place is to blame.</param>
    /// <param name="problem">What is wrong: "the header claims 12 GB but the file has 3 MB".</param>
    /// <param name="remedy">What the reader can do: "download it again".</param>
    /// <param name="inner">The lower-level failure, if any.</param>
    public DamagedFileException(string path, long offsetBytes, string problem, string remedy, Exception? inner = null)
        : base($"{path}{(offsetBytes >= 0 ? $", byte {offsetBytes}" : "")}: {problem}; {remedy}.", inner)
    {
        Path = path;
        OffsetBytes = offsetBytes;
        Problem = problem;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Where in the file; negative where no single place is to blame.</summary>
    public long OffsetBytes { get; }

    /// <summary>What is wrong, as a clause.</summary>
    public string Problem { get; }

    /// <summary>The same with other advice, from whoever knows more of what can be done.</summary>
    public DamagedFileException With(string remedy) => new(Path, OffsetBytes, Problem, remedy, this);
}
