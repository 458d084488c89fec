using System.Text;

namespace Jukebox.Core.Text;

/// <summary>
/// Lets a program write UTF-8, as it does everywhere else, on Windows too: there text would go out, to files and to other programs
/// as well, in the code page that the console was born with. What the console had is put back in the end.
/// </summary>
public sealed class Utf8Console : IDisposable
{
    private readonly Encoding? _before;

    /// <summary>Begins it; to be called before anything is written.</summary>
    public Utf8Console()
    {
        if (OperatingSystem.IsWindows())
        {
            _before = Console.OutputEncoding;
            Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_before is not null)
        {
            Console.OutputEncoding = _before;
        }
    }
}
