using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Cpu;

/// <summary>Weights that are read in place, and the file that they are in: either may be disposed first.</summary>
public sealed class MappedBufferTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _backend = new(new CpuOptions(ThreadCount: 1));

    [Fact]
    public void ATensorOutlivesItsFile()
    {
        string path = _folder["w.safetensors"];
        float[] values = new TestRandom(5).Floats(3 * 4096);
        Write(path, values);
        WeightFile file = WeightFile.Open(path);
        StoredTensor stored = file["w"];
        Tensor table = _backend.Load(stored);
        file.Dispose();

        using DeviceBuffer indices = _backend.Allocate(sizeof(int)), row = _backend.Allocate(4096 * sizeof(float));
        Tensor index = new(indices, ElementType.I32, new Shape(1)), y = new(row, ElementType.F32, new Shape(1, 4096));
        index.Upload<int>([2]);
        _backend.Gather(index, table, y);
        Assert.Equal(values[^4096..], y.ToArray<float>());
        Assert.Equal(values, table.ToArray<float>());
        Assert.Throws<ObjectDisposedException>(() => stored.ReadSingles());
        Assert.Throws<ObjectDisposedException>(() => _backend.Load(stored));

        AssertMapped(path, true);
        table.Buffer.Dispose();
        AssertMapped(path, false);
        table.Buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.ToArray<float>());
    }

    [Fact]
    public void AFileOutlivesItsTensors()
    {
        string path = _folder["w.safetensors"];
        float[] values = new TestRandom(6).Floats(3 * 4096);
        Write(path, values);
        using (WeightFile file = WeightFile.Open(path))
        {
            _backend.Load(file["w"]).Buffer.Dispose();
            Assert.Equal(values, file["w"].ReadSingles());
            AssertMapped(path, true);
        }

        AssertMapped(path, false);
    }

    [Fact]
    public void APriorOutlivesItsModelFolder()
    {
        PriorSpec spec = SyntheticPriors.Tiny('C');
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        PriorWindow window = SyntheticPriors.Window(spec, 7, 0);
        float[] expected;
        using (ModelFolder model = synthetic.Open())
        {
            using Prior prior = Prior.Load(_backend, model, spec.Level);
            using PriorRun run = prior.CreateRun(1);
            expected = run.Logits(window)[0];
        }

        ModelFolder first = synthetic.Open();
        using Prior left = Prior.Load(_backend, first, spec.Level);
        first.Dispose();
        using PriorRun late = left.CreateRun(1);
        Assert.Equal(expected, late.Logits(window)[0]);
    }

    public void Dispose()
    {
        _backend.Dispose();
        _folder.Dispose();
    }

    private static void Write(string path, float[] values)
    {
        using var writer = new SafetensorsWriter(path, [new TensorLayout("w", ElementType.F32, new Shape(3, values.Length / 3))]);
        writer.Append(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values));
        writer.Complete();
    }

    /// <summary>Whether the process has the file mapped, where the system tells.</summary>
    private static void AssertMapped(string path, bool expected)
    {
        const string maps = "/proc/self/maps";
        if (File.Exists(maps))
        {
            Assert.Equal(expected, File.ReadLines(maps).Any(line => line.EndsWith(path, StringComparison.Ordinal)));
        }
    }
}
