using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Compiler;

/// <summary>The kernels' text as it travels in the assembly, with the headers that each file includes.</summary>
internal static partial class KernelSource
{
    private static readonly ConcurrentDictionary<string, string> Texts = new(StringComparer.Ordinal);

    /// <summary>Text of a file, by its path below <c>kernels/</c>.</summary>
    public static string Read(string path) => Texts.GetOrAdd(path, static path => TryRead(path)
        ?? throw new FileNotFoundException($"kernels/{path} is not in {typeof(KernelSource).Assembly.GetName().Name}"));

    /// <summary>The same, or nothing.</summary>
    public static string? TryRead(string path)
    {
        using Stream? stream = typeof(KernelSource).Assembly.GetManifestResourceStream("kernels/" + path);
        return stream is null ? null : new StreamReader(stream, Encoding.UTF8).ReadToEnd();
    }

    /// <summary>Every header that a file includes, directly or through others, in the order of first mention.</summary>
    public static IReadOnlyList<SourceHeader> Headers(string path)
    {
        var headers = new List<SourceHeader>();
        Collect(Read(path), headers);
        return headers;
    }

    private static void Collect(string text, List<SourceHeader> headers)
    {
        foreach (Match match in Include().Matches(text))
        {
            string name = match.Groups[1].Value;
            if (!headers.Exists(header => header.Name == name))
            {
                var header = new SourceHeader(name, Read(name));
                headers.Add(header);
                Collect(header.Text, headers);
            }
        }
    }

    [GeneratedRegex("""^\s*#\s*include\s+"([^"]+)"\s*$""", RegexOptions.Multiline)]
    private static partial Regex Include();
}
