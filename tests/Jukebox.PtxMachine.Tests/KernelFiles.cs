namespace Jukebox.PtxMachine.Tests;

/// <summary>The PTX that lies beside its source in <c>Kernels</c>: <c>NAME.cu</c> compiled for compute_70 and compute_80 with line numbers.</summary>
internal static class KernelFiles
{
    /// <summary>The targets that every test runs.</summary>
    public static readonly int[] Targets = [70, 80];

    public static PtxModule Read(string name, int target)
    {
        string file = $"{name}.{target}.ptx";
        return PtxModule.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", file)), file);
    }
}
