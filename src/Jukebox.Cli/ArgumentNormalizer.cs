namespace Jukebox.Cli;

/// <summary>
/// Makes '_' and '-' alike in option names, as the original's tutorials write <c>--audio_file</c>. Values are left alone.
/// </summary>
public static class ArgumentNormalizer
{
    /// <summary>The arguments with every option name in hyphens.</summary>
    public static string[] Normalize(string[] args)
    {
        int end = Array.IndexOf(args, "--");
        return [.. args.Select((arg, i) => end >= 0 && i > end ? arg : NormalizeOne(arg))];
    }

    private static string NormalizeOne(string arg)
    {
        if (!arg.StartsWith("--", StringComparison.Ordinal))
        {
            return arg;
        }

        int nameLength = arg.IndexOf('=') is var equals and >= 0 ? equals : arg.Length;
        string name = arg[..nameLength];
        return name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? name.Replace('_', '-') + arg[nameLength..] : arg;
    }
}
