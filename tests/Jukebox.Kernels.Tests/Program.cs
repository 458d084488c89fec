using Jukebox.Tests.Compilation;

namespace Jukebox.Tests;

/// <summary>What tests start as a process of its own: <c>compile FOLDER</c> uses a folder of compiled kernels.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments is not ["compile", var folder])
        {
            Console.Error.WriteLine("these are tests: dotnet test");
            return 2;
        }

        _ = KernelCacheTests.Compiled(folder);
        return 0;
    }
}
