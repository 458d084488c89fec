namespace Jukebox.PtxMachine;

/// <summary>PTX that the machine refuses, found while a module is read or loaded: malformed, or an instruction it does not know.</summary>
public sealed class PtxException : Exception
{
    internal PtxException(string fileName, int line, string what)
        : base($"{fileName}({line}): {what}")
    {
        FileName = fileName;
        Line = line;
        What = what;
    }

    /// <summary>The name that the text was given when it was parsed.</summary>
    public string FileName { get; }

    /// <summary>Line of the PTX text, from 1; 0 where the whole module is meant.</summary>
    public int Line { get; }

    /// <summary>The instruction or construct, and what is wrong with it.</summary>
    public string What { get; }
}
