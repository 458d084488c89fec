namespace Jukebox.Cuda.Kernels;

/// <summary>Order of a buffer's elements: <c>linear_pack.cu</c> says what the packed ones are.</summary>
internal enum MatrixLayout
{
    /// <summary>As a tensor's shape says.</summary>
    RowMajor,

    /// <summary>What the kernels without tensor cores read.</summary>
    Fma,

    /// <summary>What those with tensor cores read.</summary>
    Mma,
}
