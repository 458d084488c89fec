using Jukebox.Core.Contract;
using Jukebox.Cpu.Backend;
using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Pieces and ranges of long audio: the bits of the whole, within the context that they may read.</summary>
public sealed class VqVaeRangeTests
{
    private static readonly float[] Audio = SyntheticWeights.Uniform("audio", 5003);

    [Fact]
    public void TheContextsArePublishedOnes()
    {
        using var synthetic = new SyntheticVqVae(PublishedModels.VqVae);
        (int Tokens, int Samples)[] published = [(5742, 45935), (80, 2551), (82, 10455)];
        for (int level = 0; level < 3; level++)
        {
            VqVae model = synthetic.Model;
            Assert.Equal(published[level].Tokens, Math.Max(model.LeftContextTokens(level), model.RightContextTokens(level)));
            Assert.Equal(published[level].Samples, Math.Max(model.LeftContextSamples(level), model.RightContextSamples(level)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public void PiecesOfAnyLengthGiveTheSameBits(int pieceRows)
    {
        using var whole = new SyntheticVqVae(SyntheticVqVae.Tiny, 8192);
        using var pieces = new SyntheticVqVae(SyntheticVqVae.Tiny, pieceRows);
        for (int level = 0; level < 2; level++)
        {
            Assert.Equal(whole.Model.EncoderOutput(level, Audio), pieces.Model.EncoderOutput(level, Audio));
            int[] codes = whole.Model.Encode(level, Audio);
            Assert.Equal(codes, pieces.Model.Encode(level, Audio));
            Assert.Equal(whole.Model.Decode(level, codes), pieces.Model.Decode(level, codes));
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(8192)]
    public void AllLevelsAtOnceGiveTheSameCodesAndReadTheAudioOnce(int pieceRows)
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, pieceRows);
        VqVae model = synthetic.Model;
        List<int>[] codes = [[], []];
        long position = 0;
        model.Encode(Audio.Length, Once, (level, first, block) => Take(codes[level], first, block));
        for (int level = 0; level < 2; level++)
        {
            Assert.Equal(model.Encode(level, Audio), codes[level]);
        }

        void Once(long first, Span<float> block)
        {
            Assert.Equal(position, first);
            position += block.Length;
            ReadAudio(first, block);
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(8192)]
    public void ReconstructionsComeWithTheirAudioAndHoldLittleOfIt(int pieceRows)
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, pieceRows);
        VqVae model = synthetic.Model;
        int length = Audio.Length / model.Spec.SamplesPerToken(1) * model.Spec.SamplesPerToken(1);
        List<int>[] codes = [[], []];
        List<float>[] audio = [[], []], reconstruction = [[], []];
        model.Reconstruct(length, ReadAudio, (level, first, block) => Take(codes[level], first, block), (level, original, made) =>
        {
            audio[level].AddRange(original);
            reconstruction[level].AddRange(made);
        });
        for (int level = 0; level < 2; level++)
        {
            int[] expected = model.Encode(level, Audio.AsMemory(0, length));
            Assert.Equal(expected, codes[level]);
            Assert.Equal(Audio[..length], audio[level]);
            Assert.Equal(model.Decode(level, expected), reconstruction[level]);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ARangeOfTokensDecodesToTheSamplesOfTheWhole(int level)
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, 50);
        VqVae model = synthetic.Model;
        int hop = model.Spec.SamplesPerToken(level);
        int[] codes = SyntheticWeights.Tokens("codes", 1, 300, 16)[0];
        float[] whole = model.Decode(level, codes);
        foreach ((int first, int count) in (ReadOnlySpan<(int, int)>)[(0, 300), (0, 1), (299, 1), (1, 120), (100, 57), (150, 150), (20, 0)])
        {
            Assert.Equal(whole[(first * hop)..((first + count) * hop)], model.Decode(level, codes, first, count));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ARangeOfTokensEncodesToTheCodesOfTheWhole(int level)
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, 50);
        VqVae model = synthetic.Model;
        int[] whole = model.Encode(level, Audio);
        foreach ((int first, int count) in (ReadOnlySpan<(int, int)>)[(0, whole.Length), (0, 1), (whole.Length - 1, 1), (100, 57), (3, 0)])
        {
            var codes = new int[count];
            model.Encode(level, Audio.Length, ReadAudio, first, codes);
            Assert.Equal(whole[first..(first + count)], codes);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ARangeReadsItsContextAndNoMore(int level)
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, 50);
        VqVae model = synthetic.Model;
        int hop = model.Spec.SamplesPerToken(level);
        const long Length = 1_000_000_000;
        const int First = 500_000, Count = 100;
        (long First, long End) read = (long.MaxValue, 0);
        void Read<T>(long first, Span<T> block)
        {
            read = (Math.Min(read.First, first), Math.Max(read.End, first + block.Length));
            block.Clear();
        }

        model.Decode(level, Length, Read, First, Count, (_, _) => { });
        Assert.Equal((First - model.LeftContextTokens(level), First + Count + model.RightContextTokens(level)), read);
        read = (long.MaxValue, 0);
        model.Encode(level, Length, Read, First, new int[Count]);
        Assert.Equal((((long)First * hop) - model.LeftContextSamples(level), ((First + Count) * hop) + model.RightContextSamples(level)), read);
    }

    [Fact]
    public void SamplesAreFinalOnceTheirContextIsKnown()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny);
        int[] codes = SyntheticWeights.Tokens("codes", 1, 200, 16)[0];
        const int Known = 120;
        float[] all = synthetic.Model.Decode(0, codes), prefix = synthetic.Model.Decode(0, codes.AsMemory(0, Known));
        int final = (Known - synthetic.Model.RightContextTokens(0)) * synthetic.Model.Spec.SamplesPerToken(0);
        Assert.InRange(final, 1, prefix.Length);
        Assert.Equal(all[..final], prefix[..final]);
        Assert.NotEqual(all[..prefix.Length], prefix);
    }

    [Fact]
    public void AudioThatDoesNotDivideIntoTokensLosesLessThanOne()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny);
        foreach (int length in (ReadOnlySpan<int>)[0, 1, 7, 8, 9, 255, 256, 263])
        {
            int[] codes = synthetic.Model.Encode(1, Audio.AsMemory(0, length));
            Assert.Equal(length / 8, codes.Length);
            Assert.Equal(codes.Length * 8, synthetic.Model.Decode(1, codes).Length);
        }
    }

    [Fact]
    public void LongAudioTakesNoMoreMemoryThanShort()
    {
        IBackend device = CountingBackend.Wrap(new CpuBackend(new CpuOptions(ThreadCount: 1)), out CountingBackend counter);
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, backend: device);
        const int Second = 44_100;
        int hop = synthetic.Model.Spec.SamplesPerToken(0);
        var codes = new int[2 * Second / hop];
        CodeReader source = (first, block) => block.Fill((int)(first & 7));
        SampleReader silence = (_, block) => block.Clear();
        SampleWriter sink = (_, _) => { };
        synthetic.Model.Decode(0, Second / hop, source, 0, Second / hop, sink);
        synthetic.Model.Encode(0, Second, silence, 0, codes.AsSpan(0, Second / hop));
        long deviceBytes = counter.AllocatedBytes;
        synthetic.Model.Decode(0, 60L * Second / hop, source, 0, 10 * Second / hop, sink);
        synthetic.Model.Encode(0, 60L * Second, silence, 0, codes);
        Assert.Equal(deviceBytes, counter.AllocatedBytes);
        Assert.InRange(deviceBytes, 1, 32 << 20);
    }

    [Fact]
    public void ASteadyPieceAllocatesNothing()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny, 128, new CpuBackend(new CpuOptions(ThreadCount: 1)));
        VqVae model = synthetic.Model;
        CodeReader source = (first, block) => block.Fill((int)(first & 7));
        SampleReader silence = (_, block) => block.Clear();
        SampleWriter sink = (_, _) => { };
        var codes = new int[4000];
        Assert.Equal(0, HostAllocations.Of(Run));

        void Run()
        {
            model.Decode(0, 4000, source, 0, 4000, sink);
            model.Encode(0, 16_000, silence, 0, codes);
        }
    }

    private static void Take(List<int> codes, long first, ReadOnlySpan<int> block)
    {
        Assert.Equal(codes.Count, first);
        codes.AddRange(block);
    }

    private static void ReadAudio(long first, Span<float> block) => Audio.AsSpan((int)first, block.Length).CopyTo(block);
}
