using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;

namespace Jukebox.Testing.Golden;

/// <summary>A VQ-VAE with weights that follow from the tensors' names, in a temporary folder.</summary>
public sealed class SyntheticVqVae : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WeightFile _file;

    /// <summary>Writes and loads the weights.</summary>
    public SyntheticVqVae(VqVaeSpec spec, int pieceRows = VqVae.DefaultPieceRows, IBackend? backend = null)
    {
        SyntheticModel.WriteFile(_folder["vqvae.safetensors"], TensorTable.Of(spec));
        _file = WeightFile.Open(_folder["vqvae.safetensors"]);
        Backend = backend ?? new CpuBackend();
        Model = VqVae.Load(Backend, _file, spec, pieceRows);
    }

    /// <summary>Two levels, hops 4 and 8, eight and sixteen channels.</summary>
    public static VqVaeSpec Tiny { get; } = new()
    {
        Levels = 2,
        Downs = [2, 1],
        Strides = [2, 2],
        EmbeddingWidth = 8,
        CodebookSize = 16,
        Width = 8,
        Depth = 2,
        Multipliers = [2, 1],
        DilationGrowth = 3,
    };

    /// <summary>The original's <c>small_vqvae</c>.</summary>
    public static VqVaeSpec Small { get; } = new()
    {
        Levels = 2,
        Downs = [5, 3],
        Strides = [2, 2],
        EmbeddingWidth = 64,
        CodebookSize = 1024,
        Width = 32,
        Depth = 4,
        Multipliers = [1, 1],
        DilationGrowth = 3,
    };

    /// <summary>The device.</summary>
    public IBackend Backend { get; }

    /// <summary>The model.</summary>
    public VqVae Model { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        _file.Dispose();
        Backend.Dispose();
        _folder.Dispose();
    }
}
