using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;
using Jukebox.Testing.Golden;
using Jukebox.Training.Optimisation;
using Jukebox.Training.Priors;
using Xunit;

namespace Jukebox.Tests.Training;

public sealed class InitialisationTests : IDisposable
{
    private readonly ITrainingBackend _backend = TestBackends.OpenForTraining();

    [Fact]
    public void QuantilesAreThoseOfTheNormalDistribution()
    {
        // From tables, at the probabilities that 32-bit numbers come closest to.
        Assert.Equal(0, NormalNumbers.Quantile((1u << 31) - 1), 1e-9);
        Assert.Equal(-1.959963985, NormalNumbers.Quantile((uint)(0.025 * uint.MaxValue)), 1e-7);
        Assert.Equal(0.674489750, NormalNumbers.Quantile((uint)(0.75 * uint.MaxValue)), 1e-7);
        Assert.Equal(3.090232306, NormalNumbers.Quantile((uint)(0.999 * uint.MaxValue)), 1e-6);
        Assert.Equal(-NormalNumbers.Quantile(uint.MaxValue), NormalNumbers.Quantile(0), 1e-6);
        Assert.Equal(-6.338, NormalNumbers.Quantile(0), 1e-3);
    }

    [Theory]
    [InlineData(1e-10)]
    [InlineData(0.07)]
    [InlineData(0.70710678)]
    [InlineData(1)]
    [InlineData(1.5)]
    [InlineData(12345.678)]
    public void TheLogarithmIsExactToRounding(double x) =>
        Assert.True(Math.Abs(NormalNumbers.Log(x) - Math.Log(x)) <= 4e-16 * Math.Max(1, Math.Abs(Math.Log(x))), $"{NormalNumbers.Log(x):R}");

    [Fact]
    public void DrawsArePinned()
    {
        // The same on every machine: a change here changes every model that is trained from scratch.
        Assert.Equal(PinnedNormal, Drawn(5, InitialDistribution.Normal(1)));
        Assert.Equal(PinnedUniform, Drawn(5, InitialDistribution.Uniform(1)));
    }

    [Fact]
    public void LongTensorsHaveTheMomentsOfTheirDistributions()
    {
        const int count = 200_001;
        float[] normal = Drawn(count, InitialDistribution.Normal(0.02)), uniform = Drawn(count, InitialDistribution.Uniform(0.5));
        Assert.Equal(0, normal.Average(), 2e-4);
        Assert.Equal(0.02, Math.Sqrt(normal.Average(value => (double)value * value)), 2e-4);
        Assert.Equal(3, normal.Average(value => Math.Pow(value / 0.02, 4)), 0.1);
        Assert.Equal(0, uniform.Average(), 3e-3);
        Assert.Equal(0.25 / 3, uniform.Average(value => (double)value * value), 1e-3);
        Assert.True(uniform.Max() <= 0.5 && uniform.Min() >= -0.5);
        Assert.Equal(normal[..5], Drawn(5, InitialDistribution.Normal(0.02)));
    }

    [Fact]
    public void EmbeddingsOfCodesAreAlikeWhereCodesAre()
    {
        const int codes = 300, inputs = 64, width = 96, lyrics = 5;
        float[] codebook = [.. Drawn(codes * inputs, InitialDistribution.Normal(3)).Select(value => value + 7)];
        codebook.AsSpan(0, inputs).CopyTo(codebook.AsSpan(inputs)); // codes 0 and 1 are the same, code 2 is near
        for (int i = 0; i < inputs; i++)
        {
            codebook[(2 * inputs) + i] = codebook[i] + (i % 2 == 0 ? 0.3f : -0.3f);
        }

        using DeviceBuffer buffer = _backend.Allocate((codes + lyrics) * width * sizeof(float));
        var table = new Tensor(buffer, ElementType.F32, new Shape(codes + lyrics, width));
        table.Upload<float>(Enumerable.Repeat(42f, (codes + lyrics) * width).ToArray());
        CodeEmbedding.Fill(table, "x_emb", codebook, codes, 0.03, 5);
        float[] all = table.ToArray<float>(), rows = all[(lyrics * width)..];

        Assert.All(all[..(lyrics * width)], value => Assert.Equal(42, value));
        Assert.Equal(0.03, Math.Sqrt(rows.Average(value => (double)value * value)), 1e-6);
        Assert.Equal(0, rows.Average(), 2e-3);
        double Distance(int a, int b) => Math.Sqrt(Enumerable.Range(0, width).Sum(j => Math.Pow(rows[(a * width) + j] - rows[(b * width) + j], 2)));
        double Apart(int a, int b) => Math.Sqrt(Enumerable.Range(0, inputs).Sum(i => Math.Pow(codebook[(a * inputs) + i] - codebook[(b * inputs) + i], 2)));
        Assert.Equal(0, Distance(0, 1));
        double typical = Distance(0, 3) / Apart(0, 3);
        for (int other = 2; other < codes; other++)
        {
            Assert.InRange(Distance(0, other) / Apart(0, other) / typical, 0.5, 2);
        }

        CodeEmbedding.Fill(table, "x_emb", [.. codebook.Select(value => (value * 4) - 100)], codes, 0.03, 5);
        Assert.All(table.ToArray<float>()[(lyrics * width)..].Zip(rows), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        CodeEmbedding.Fill(table, "x_emb", codebook, codes, 0.03, 6);
        Assert.NotEqual(rows, table.ToArray<float>()[(lyrics * width)..]);
    }

    [Fact]
    public void EveryTensorOfAPriorBeginsAsSpecified()
    {
        PriorSpec spec = SyntheticPriors.Tiny('C');
        IReadOnlyList<TensorEntry> table = TensorTable.Of(spec, SyntheticPriors.TinyVqVae);
        var begin = new PriorInitialisation { Scale = 2, LyricsScale = 3 };
        Assert.Equal(InitialDistribution.Normal(0.04), Rule("prior.x_emb.weight"));
        Assert.Equal(InitialDistribution.Uniform(0.25), Rule("prior.x_out.weight"));
        Assert.Equal(InitialDistribution.Normal(0.02), Rule("prior.pos_emb.pos_emb"));
        Assert.Equal(InitialDistribution.Normal(0.02), Rule("y_emb.artist_emb.emb.weight"));
        Assert.Equal(InitialDistribution.Normal(0.02), Rule("y_emb.relative_pos_emb.emb.weight"));
        Assert.Equal(InitialDistribution.Normal(0.04), Rule("prior.transformer._attn_mods.0.attn.c_attn.w"));
        Assert.Equal(InitialDistribution.Constant(0), Rule("prior.transformer._attn_mods.0.attn.c_attn.b"));
        Assert.Equal(InitialDistribution.Normal(0.04), Rule("prior.transformer._attn_mods.0.mlp.c_proj.w"));
        Assert.Equal(InitialDistribution.Constant(0), Rule("prior.transformer._attn_mods.3.mlp.c_proj.w"));
        Assert.Equal(InitialDistribution.Constant(0), Rule("prior.transformer._attn_mods.3.attn.c_proj.w"));
        Assert.Equal(InitialDistribution.Normal(0.04), Rule("prior.transformer._attn_mods.3.attn.c_enc_kv.w"));
        Assert.Equal(InitialDistribution.Constant(1), Rule("prior.transformer._attn_mods.0.ln_0.weight"));
        Assert.Equal(InitialDistribution.Constant(0), Rule("prior.transformer._attn_mods.0.ln_0.bias"));
        Assert.Equal(InitialDistribution.Normal(0.03), Rule("prime_prior.start_token"));
        Assert.Equal(InitialDistribution.Normal(0.06), Rule("prime_prior.transformer._attn_mods.2.mlp.c_proj.w"));
        Assert.Equal(InitialDistribution.Normal(0.06), Rule("prime_state_proj.w"));
        Assert.Equal(InitialDistribution.Normal(0.04), Rule("prime_x_out.weight"));
        begin = begin with { ZeroOutputs = true };
        Assert.Equal(InitialDistribution.Constant(0), Rule("prior.transformer._attn_mods.0.mlp.c_proj.w"));
        Assert.Equal(InitialDistribution.Normal(0.06), Rule("prime_prior.transformer._attn_mods.2.mlp.c_proj.w"));

        InitialDistribution Rule(string name) => begin.RuleOf(table.Single(entry => entry.Name == name), spec, table);
    }

    [Fact]
    public void ConvolutionsBeginByTheirFanIn()
    {
        PriorSpec spec = SyntheticPriors.Tiny('E'); // width 16, inner width 8
        IReadOnlyList<TensorEntry> table = TensorTable.Of(spec, SyntheticPriors.TinyVqVae);
        Assert.Equal(1 / Math.Sqrt(16 * 3), Bound("0.weight"));
        Assert.Equal(1 / Math.Sqrt(16 * 3), Bound("0.bias"));
        Assert.Equal(1 / Math.Sqrt(8 * 3), Bound("1.0.blocks.0.model.1.weight"));
        Assert.Equal(1 / Math.Sqrt(8), Bound("1.0.blocks.0.model.3.bias"));
        Assert.Equal(1 / Math.Sqrt(16 * 4), Bound("1.1.weight")); // transposed, to width 16: by its output channels
        Assert.Equal(1 / Math.Sqrt(16 * 4), Bound("1.1.bias"));

        double Bound(string name) =>
            new PriorInitialisation().RuleOf(table.Single(entry => entry.Name == $"conditioner_blocks.0.cond.model.{name}"), spec, table).Bound;
    }

    public void Dispose() => _backend.Dispose();

    private float[] Drawn(int count, InitialDistribution distribution)
    {
        using var memory = new Workspace(_backend);
        Tensor tensor = memory.Allocate("x", ElementType.F32, count);
        Initialisation.Fill(tensor, "a name", distribution, 17);
        return tensor.ToArray<float>();
    }

    private static float[] PinnedNormal => [0.749930859f, -0.141453847f, -0.622116745f, 0.415950209f, -0.0883536264f];

    private static float[] PinnedUniform => [0.546703637f, -0.112488583f, -0.466134906f, 0.322553545f, -0.0704043806f];
}
