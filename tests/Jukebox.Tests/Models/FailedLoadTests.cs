using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Shadow;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.Priors;
using Jukebox.Models.VqVaes;
using Jukebox.Testing.Golden;
using Jukebox.Training.Priors;
using Jukebox.Training.VqVaes;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Models that are half there when something fails: nothing that they took stays taken, wherever it was.</summary>
public sealed class FailedLoadTests
{
    [Theory]
    [InlineData('A')]
    [InlineData('C')]
    [InlineData('D')]
    [InlineData('E')]
    public void APriorThatCannotBeLoadedOrRunHoldsNothing(char kind)
    {
        PriorSpec spec = SyntheticPriors.Tiny(kind);
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder folder = synthetic.Open();
        int calls = CountingBackend.CheckEveryFailure(counter => Run((IBackend)(object)counter, folder, spec), Open);
        Assert.True(calls > 50, $"{calls} calls");
    }

    [Fact]
    public void AVqVaeThatCannotBeLoadedOrUsedHoldsNothing()
    {
        using var folder = new TemporaryFolder();
        SyntheticModel.WriteFile(folder["vqvae.safetensors"], TensorTable.Of(SyntheticVqVae.Tiny));
        using WeightFile file = WeightFile.Open(folder["vqvae.safetensors"]);
        int calls = CountingBackend.CheckEveryFailure(counter => Use((IBackend)(object)counter, file), Open);
        Assert.True(calls > TensorTable.Of(SyntheticVqVae.Tiny).Count, $"{calls} calls");
    }

    /// <summary>The table is checked before anything is loaded; without that check each tensor would be missed half-way.</summary>
    [Fact]
    public void AModelThatLacksATensorHoldsNothing()
    {
        using var folder = new TemporaryFolder();
        IReadOnlyList<TensorEntry> table = TensorTable.Of(SyntheticVqVae.Tiny);
        foreach (TensorEntry missing in table)
        {
            string path = folder[$"{missing.Name}.safetensors"];
            SyntheticModel.WriteFile(path, [.. table.Where(entry => entry != missing)]);
            using WeightFile file = WeightFile.Open(path);
            using IBackend backend = CountingBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out CountingBackend counter);
            Assert.Contains(missing.Name, Assert.Throws<DamagedFileException>(() => VqVae.Load(backend, file, SyntheticVqVae.Tiny)).Message, StringComparison.Ordinal);
            Assert.Throws<DamagedFileException>(() =>
            {
                using var weights = new DeviceWeights(backend, file);
                return table.Select(entry => weights[entry.Name]).ToArray();
            });
            Assert.Equal(0, counter.LiveBuffers);
        }
    }

    [Theory]
    [InlineData('C')]
    [InlineData('E')]
    public void APriorThatCannotBeTrainedHoldsNothing(char kind)
    {
        int calls = CountingBackend.CheckEveryFailure(
            counter => new PriorTrainee(
                (ITrainingBackend)(object)counter, SyntheticPriors.Tiny(kind), SyntheticPriors.TinyVqVae, 44100, new PriorTraineeOptions { BatchSize = 2 }),
            OpenForTraining);
        Assert.True(calls > 20, $"{calls} calls");
    }

    [Fact]
    public void AVqVaeThatCannotBeTrainedHoldsNothing()
    {
        var training = new VqVaeTrainingSpec
        {
            BatchSize = 2,
            WindowLength = 2048,
            Weights = new ReconstructionWeights(),
            Bandwidths = new Bandwidths(1, 1, 1),
            CodebookKeep = 0.99,
            RevivalThresholds = [1, 1],
        };
        int calls = CountingBackend.CheckEveryFailure(
            counter => new VqVaeTrainee((ITrainingBackend)(object)counter, SyntheticVqVae.Tiny, training), OpenForTraining);
        Assert.True(calls > 20, $"{calls} calls");
    }

    /// <summary>A shadow takes everything twice: what the one gave goes back when the other refuses.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AShadowGivesBothHalvesBack(bool primaryFails)
    {
        PriorSpec spec = SyntheticPriors.Tiny('B');
        using SyntheticModel synthetic = SyntheticModel.Create(SyntheticPriors.TinyVqVae, [spec]);
        using ModelFolder folder = synthetic.Open();
        CountingBackend? other = null;
        CountingBackend.CheckEveryFailure(
            counter =>
            {
                IBackend failing = (IBackend)(object)counter, sound = (IBackend)(object)other!;
                try
                {
                    return Run(primaryFails ? new ShadowBackend(failing, sound) : new ShadowBackend(sound, failing), folder, spec);
                }
                catch (DeviceException)
                {
                    Assert.Equal(0, other!.LiveBuffers);
                    throw;
                }
            },
            () =>
            {
                other = Open();
                return Open();
            });
    }

    private static CountingBackend Open()
    {
        CountingBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out CountingBackend counter);
        return counter;
    }

    private static CountingBackend OpenForTraining()
    {
        CountingBackend.WrapForTraining(new CpuBackend(new CpuOptions(ThreadCount: 1)), out CountingBackend counter);
        return counter;
    }

    /// <summary>A prior with a run that has begun, as a caller holds them.</summary>
    private static Owned Run(IBackend backend, ModelFolder folder, PriorSpec spec)
    {
        Prior prior = Prior.Load(backend, folder, spec.Level);
        try
        {
            PriorRun run = prior.CreateRun(2, 5);
            try
            {
                run.Logits(SyntheticPriors.Window(spec, 7, 0, 1));
                return new Owned(run, prior);
            }
            catch
            {
                run.Dispose();
                throw;
            }
        }
        catch
        {
            prior.Dispose();
            throw;
        }
    }

    /// <summary>A VQ-VAE whose every level has encoded and decoded.</summary>
    private static VqVae Use(IBackend backend, WeightFile file)
    {
        VqVae model = VqVae.Load(backend, file, SyntheticVqVae.Tiny, 64);
        try
        {
            for (int level = 0; level < SyntheticVqVae.Tiny.Levels; level++)
            {
                model.Decode(level, model.Encode(level, new float[256]));
            }

            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    private sealed class Owned(params IDisposable[] parts) : IDisposable
    {
        public void Dispose() => Array.ForEach(parts, part => part.Dispose());
    }
}
