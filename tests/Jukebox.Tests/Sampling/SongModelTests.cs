using Jukebox.Audio.Reading;
using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Songs.Sampling;
using Xunit;

namespace Jukebox.Tests.Sampling;

/// <summary>What a model holds on its device while a song is made.</summary>
public sealed class SongModelTests
{
    [Fact]
    public void ScratchIsFreedWhenThePromptIsEncodedAndWhenALevelIsDone()
    {
        using ModelFolder folder = ModelFolder.Open(NoiseModelFolder.Path);
        using IBackend backend = CountingBackend.Wrap(new CpuBackend(), out CountingBackend counter);
        using var model = new SongModel(folder, backend);
        VqVaeSpec spec = folder.Description.VqVae;
        int length = 3 * spec.SamplesPerToken(2);
        _ = model.RightContextTokens(0);
        int weights = counter.LiveBuffers;

        float[] audio = new TestRandom(1).Floats(length, 0.1f);
        int[][] codes = model.Encode(MonoAudio.Of(audio, folder.Description.SampleRateHz), length, out _);
        Assert.Equal(weights, counter.LiveBuffers);

        float[][] decoded = new float[3][];
        int most = 0;
        for (int level = 2; level >= 0; level--)
        {
            int before = counter.LiveBuffers;
            decoded[level] = model.Decode(level, codes[level], 0, codes[level].Length);
            most = Math.Max(most, counter.LiveBuffers - weights);
            Assert.Equal(level == 2, before == weights); // it is kept for the next stretch of the same level
        }

        using var vqVae = VqVae.Load(backend, folder.OpenVqVae(), spec);
        int others = counter.LiveBuffers;
        for (int level = 0; level < 3; level++)
        {
            Assert.Equal(vqVae.Encode(level, audio), codes[level]);
            Assert.Equal(vqVae.Decode(level, codes[level]), decoded[level]);
            vqVae.FreeScratch();
            Assert.Equal(others, counter.LiveBuffers);
        }

        Assert.InRange(most, 1, MostOfALevel(backend, counter, folder, codes));
    }

    /// <summary>Buffers of the one decoder that takes most.</summary>
    private static int MostOfALevel(IBackend backend, CountingBackend counter, ModelFolder folder, int[][] codes) => Enumerable.Range(0, 3).Max(level =>
    {
        using var vqVae = VqVae.Load(backend, folder.OpenVqVae(), folder.Description.VqVae);
        int before = counter.LiveBuffers;
        vqVae.Decode(level, codes[level]);
        return counter.LiveBuffers - before;
    });
}
