namespace Jukebox.Cuda.Kernels;

/// <summary>Order of a packed matrix's elements, as <c>linear_pack.cu</c> says.</summary>
internal enum MatrixLayout
{
    /// <summary>What the kernels without tensor cores read.</summary>
    Fma,

    /// <summary>What those with tensor cores read.</summary>
    Mma,
}
