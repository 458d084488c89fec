using System.Runtime.CompilerServices;

namespace Jukebox.Cuda.Kernels;

/// <summary>
/// One row of the kernel table. The block size and the size of the arguments reach the source as
/// <c>NAME_BLOCK</c> and <c>NAME_ARGS_BYTES</c>, NAME being the entry point's in capitals, along with the row's own
/// macros. Every row of a file sees the macros of all rows that share the variant.
/// </summary>
/// <param name="file">Source, relative to <c>kernels/</c>.</param>
/// <param name="name">Entry point, which begins with the file's name.</param>
/// <param name="blockThreads">Threads of a block.</param>
/// <param name="argsBytes">Size of its arguments' struct.</param>
/// <param name="variants">What it is compiled for.</param>
public sealed class KernelEntry(string file, string name, int blockThreads, int argsBytes, IReadOnlyList<KernelVariant> variants)
{
    /// <summary>Source, relative to <c>kernels/</c>.</summary>
    public string File { get; } = file;

    /// <summary>Entry point.</summary>
    public string Name { get; } = name;

    /// <summary>Threads of a block.</summary>
    public int BlockThreads { get; } = blockThreads;

    /// <summary>Size of the arguments' struct.</summary>
    public int ArgsBytes { get; } = argsBytes;

    /// <summary>What it is compiled for.</summary>
    public IReadOnlyList<KernelVariant> Variants { get; } = variants;

    /// <summary>Macros besides the block's and the arguments' sizes: tile sizes and the like.</summary>
    public IReadOnlyList<KernelDefine> Defines { get; init; } = [];

    /// <summary>The most dynamic shared memory that a launch asks for, in bytes.</summary>
    public int DynamicSharedBytes { get; init; }

    internal IEnumerable<KernelDefine> AllDefines =>
        [new($"{Name.ToUpperInvariant()}_BLOCK", $"{BlockThreads}"), new($"{Name.ToUpperInvariant()}_ARGS_BYTES", $"{ArgsBytes}"), .. Defines];

    /// <summary>A row whose arguments are <typeparamref name="TArgs"/>.</summary>
    public static KernelEntry Of<TArgs>(string file, string name, int blockThreads, IReadOnlyList<KernelVariant> variants)
        where TArgs : unmanaged => new(file, name, blockThreads, Unsafe.SizeOf<TArgs>(), variants);

    /// <summary>The same with macros of its own, or dynamic shared memory.</summary>
    public static KernelEntry Of<TArgs>(
        string file, string name, int blockThreads, IReadOnlyList<KernelVariant> variants, int dynamicSharedBytes, params KernelDefine[] defines)
        where TArgs : unmanaged => new(file, name, blockThreads, Unsafe.SizeOf<TArgs>(), variants) { DynamicSharedBytes = dynamicSharedBytes, Defines = defines };
}
