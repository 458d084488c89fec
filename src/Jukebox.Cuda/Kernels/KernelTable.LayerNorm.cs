namespace Jukebox.Cuda.Kernels;

public static partial class KernelTable
{
    /// <summary>Layer normalisation of rows.</summary>
    public static KernelEntry LayerNorm { get; } = Add(KernelEntry.Of<LayerNormArgs>("layer_norm.cu", "layer_norm", 256, KernelVariant.Storages));
}
