using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

public sealed class VqVaeErrorTests : IDisposable
{
    private const string Victim = "decoders.1.level_blocks.0.model.1.0.model.0.model.3.weight";

    private readonly TemporaryFolder _folder = new();
    private readonly IBackend _backend = new CpuBackend();

    [Fact]
    public void AMissingTensorIsNamed()
    {
        DamagedFileException e = LoadFails(TensorTable.Of(SyntheticVqVae.Tiny).Where(entry => entry.Name != Victim));
        Assert.Contains($"it has no tensor '{Victim}'", e.Message, StringComparison.Ordinal);
        Assert.Contains("convert the checkpoint again", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMisshapenTensorIsNamedWithBothShapes()
    {
        DamagedFileException e = LoadFails(TensorTable.Of(SyntheticVqVae.Tiny).Select(entry =>
            entry.Name == Victim ? entry with { CheckpointShape = new Shape(8, 9, 1) } : entry));
        Assert.Contains($"'{Victim}' has the shape (1, 9, 8), its model needs (1, 8, 8)", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AModelOfOtherSizeCountsWhatDoesNotFit()
    {
        DamagedFileException e = LoadFails(TensorTable.Of(SyntheticVqVae.Tiny with { Width = 9 }));
        Assert.Contains("more of 150 tensors do not fit", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HalfPrecisionIsRefused()
    {
        string path = _folder["half.safetensors"];
        IReadOnlyList<TensorEntry> table = TensorTable.Of(SyntheticVqVae.Tiny);
        using (var writer = new SafetensorsWriter(path, table.Select(entry => new TensorLayout(entry.Name, ElementType.F16, entry.StoredShape))))
        {
            foreach (TensorLayout tensor in writer.Tensors)
            {
                writer.Append(new byte[tensor.LengthBytes]);
            }

            writer.Complete();
        }

        using WeightFile file = WeightFile.Open(path);
        var e = Assert.Throws<DamagedFileException>(() => VqVae.Load(_backend, file, SyntheticVqVae.Tiny));
        Assert.Contains("is stored as F16, its model needs F32", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATruncatedFileIsRefused()
    {
        string path = _folder["short.safetensors"];
        SyntheticModel.WriteFile(path, TensorTable.Of(SyntheticVqVae.Tiny));
        using (FileStream stream = File.OpenWrite(path))
        {
            stream.SetLength(stream.Length - 4);
        }

        var e = Assert.Throws<DamagedFileException>(() => WeightFile.Open(path));
        Assert.Contains("short.safetensors", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void CodesOutsideTheCodebookAndLevelsThatAreNotThereAreRefused()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny);
        var e = Assert.Throws<ArgumentOutOfRangeException>(() => synthetic.Model.Decode(0, new[] { 1, 16, 2 }));
        Assert.Contains("the code of token 1 is outside the codebook of 16", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => synthetic.Model.Decode(2, new[] { 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => synthetic.Model.Encode(-1, new float[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => synthetic.Model.Decode(0, new[] { 1, 2 }, 1, 2));
    }

    [Fact]
    public void LyricTokensDecodeAsCodeZero()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny);
        Assert.Equal(synthetic.Model.Decode(1, new[] { 3, 0, 5, 0 }), synthetic.Model.Decode(1, new[] { 3, -7, 5, -1 }));
    }

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    private DamagedFileException LoadFails(IEnumerable<TensorEntry> written)
    {
        string path = _folder["weights.safetensors"];
        SyntheticModel.WriteFile(path, [.. written]);
        using WeightFile file = WeightFile.Open(path);
        return Assert.Throws<DamagedFileException>(() => VqVae.Load(_backend, file, SyntheticVqVae.Tiny));
    }
}
