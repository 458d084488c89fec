using System.Security.Cryptography;
using System.Text;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Compiler;

/// <summary>One compilation: a kernel file in one variant.</summary>
internal sealed record KernelUnit(string File, KernelVariant Variant)
{
    /// <summary>The language, and nothing that would change results behind a kernel's back: no global fast math.</summary>
    private static readonly string[] CommonOptions = ["--std=c++17"];

    /// <summary>Every unit of the kernel table.</summary>
    public static IEnumerable<KernelUnit> All => KernelTable.Entries
        .SelectMany(entry => entry.Variants.Select(variant => new KernelUnit(entry.File, variant)))
        .Distinct();

    /// <summary>"linear.f16.tensor_cores".</summary>
    public string Name => Path.GetFileNameWithoutExtension(File) + Variant.Suffix;

    /// <summary>Its entry points.</summary>
    public IEnumerable<KernelEntry> Entries => KernelTable.Entries.Where(entry => entry.File == File && entry.Variants.Contains(Variant));

    /// <summary>The compiler's options, but for the target.</summary>
    public IReadOnlyList<string> Options =>
        [.. CommonOptions, .. Variant.Defines.Concat(Entries.SelectMany(entry => entry.AllDefines)).Select(define => define.Option).Distinct()];

    /// <summary>Compiles it for a target, with more options if need be.</summary>
    public CompiledSource Compile(Nvrtc compiler, string target, params ReadOnlySpan<string> moreOptions) =>
        compiler.Compile(File, KernelSource.Read(File), KernelSource.Headers(File), target, [.. Options, .. moreOptions]);

    /// <summary>
    /// Its PTX for a compute capability (times ten), behind a line that says what it was made of. What ships has the same form.
    /// </summary>
    public string CompilePtx(Nvrtc compiler, int target, params ReadOnlySpan<string> moreOptions)
    {
        byte[] text = Compile(compiler, $"compute_{target}", moreOptions).Image;
        return $"{PtxHeader(target)}\n{Encoding.UTF8.GetString(text).TrimEnd('\0')}";
    }

    /// <summary>First line of its PTX.</summary>
    public string PtxHeader(int target) => $"// {Name} for compute_{target}, source and options {Hash($"compute_{target}")}";

    /// <summary>Where its PTX lies below <c>kernels/</c>.</summary>
    public string PtxPath(int target) => $"ptx/compute_{target}/{Name}.ptx";

    /// <summary>Hash of everything that the result depends on, but for the compiler itself: in capitals, hexadecimal.</summary>
    public string Hash(string target, params ReadOnlySpan<string> more)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(File);
        Append(KernelSource.Read(File));
        foreach (SourceHeader header in KernelSource.Headers(File))
        {
            Append(header.Name);
            Append(header.Text);
        }

        Append(target);
        foreach (string option in Options)
        {
            Append(option);
        }

        foreach (string text in more)
        {
            Append(text);
        }

        return Convert.ToHexString(hash.GetHashAndReset());

        // With its length before each part, so that no two lists of parts read the same.
        void Append(string text)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }
}
