namespace Jukebox.Testing;

/// <summary>The clone that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Set to 1, tests of generated files write them instead of comparing.</summary>
    public const string RenewVariable = "JUKEBOX_RENEW";

    /// <summary>Whether generated files are written anew.</summary>
    public static bool IsRenewing => Environment.GetEnvironmentVariable(RenewVariable) == "1";

    /// <summary>Its root.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Jukebox.Native.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"no Jukebox.Native.sln above {AppContext.BaseDirectory}");
    }
}
