using Jukebox.Core.Text;
using Jukebox.Conversion.Shell;

using var console = new Utf8Console();
return new ConvertCommandLine(
    Console.Out, Console.Error, isLive: !Console.IsErrorRedirected, HomeFolder(), CurrentFolder(), Environment.GetEnvironmentVariable).Run(args, handleSignals: true);

// What it is called counts, not whether it is there: what is sought below it is not found, then.
static string? HomeFolder() => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } home ? home : null;

// A folder can be deleted while a program stands in it.
static string? CurrentFolder()
{
    try
    {
        return Environment.CurrentDirectory;
    }
    catch (IOException)
    {
        return null;
    }
}
