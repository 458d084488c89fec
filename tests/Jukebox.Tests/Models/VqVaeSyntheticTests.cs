using Jukebox.Models.Format;
using Jukebox.Models.VqVaes;
using Jukebox.Testing.Golden;
using Xunit;

namespace Jukebox.Tests.Models;

/// <summary>Numbers that the original implementation gives with synthetic weights, at tiny and at published shapes.</summary>
public sealed class VqVaeSyntheticTests
{
    [Fact]
    public void ConvolutionWeightsAreStoredTapByTap()
    {
        TensorEntry weight = TensorTable.Of(SyntheticVqVae.Tiny).Single(entry => entry.Name == "encoders.0.level_blocks.0.model.0.0.weight");
        float[] stored = SyntheticWeights.Stored(weight); // (4, 1, 16)
        Closeness.Check("weight", [-0.575436f, 0.2845215f, -0.4911891f, 0.8099988f], [stored[0], stored[16], stored[32], stored[48]], Tolerances.SyntheticVectors);
    }

    [Fact]
    public void TheTinyModelEncodesAsTheOriginal()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny);
        float[] input = SyntheticWeights.Uniform("input", 512);
        CheckTinyLevel(synthetic.Model, input, 0, [2, 14, 6, 8, 8, 6, 8, 2, 12, 6, 12, 6, 8, 5, 2, 6], [2, 6, 2, 10, 1, 10, 6, 2], 788);
        CheckTinyLevel(synthetic.Model, input, 1, [4, 10, 13, 7, 10, 13, 7, 2, 14, 4, 12, 9, 2, 2, 14, 0], [14, 10, 12, 6, 2, 10, 0, 4], 482);
        float[] encoded = synthetic.Model.EncoderOutput(0, input.AsMemory(0, 256));
        Closeness.Check("encoder 0", [0.3480142f, -0.9596187f, -0.6150632f, 0.3198499f], encoded.AsSpan(0, 4), Tolerances.SyntheticVectors);
        encoded = synthetic.Model.EncoderOutput(1, input.AsMemory(0, 256));
        Closeness.Check("encoder 1", [-1.645534f, -1.15756f, 0.6469465f, 0.2128109f], encoded.AsSpan(0, 4), Tolerances.SyntheticVectors);
    }

    [Fact]
    public void TheTinyModelDecodesAsTheOriginal()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Tiny);
        float[] input = SyntheticWeights.Uniform("input", 512);
        CheckTinyDecode(
            synthetic.Model, input, 0,
            [-0.005903266f, -0.0405618f, -0.02770437f, -0.2083215f, -0.08752742f, -0.07235812f, -0.00779745f, -0.021323f],
            [0.08190297f, 0.5367106f, 0.01467335f, 0.2010596f], 72.582068, 95.112008);
        CheckTinyDecode(
            synthetic.Model, input, 1,
            [-0.09724702f, -0.07792024f, -0.1235104f, -0.1215685f, -0.1569194f, -0.05160488f, -0.2261284f, -0.1890989f],
            [0.09926485f, -0.06156554f, 0.01269589f, -0.07824659f], -6.319485, 67.891707);
    }

    [Fact]
    public void ThePublishedShapesGiveTheOriginalsNumbers()
    {
        using var synthetic = new SyntheticVqVae(PublishedModels.VqVae);
        CheckFull(
            synthetic.Model, 0, 95057.62660, [-1.164232f, 0.4275676f, -1.014912f, -1.446768f],
            [1293, 578, 1367, 1227, 997, 1697, 1367, 437, 1134, 1647, 391, 429], 1097828, 281,
            [0.1528338f, 0.1035902f, 0.488152f, 0.1217494f, 0.4882251f, 0.1000596f], [0.6950505f, -0.8513659f, 0.01047277f], 1000.89834, 2551.17880);
        CheckFull(
            synthetic.Model, 1, 73667.71143, [1.275744f, 0.4076462f, -4.641323f, 4.401701f],
            [857, 425, 1720, 1509, 1509, 334, 1992, 857, 1509, 1434, 499, 1509], 231202, 45,
            [0.008785911f, -0.353951f, 0.03675745f, -0.5593048f, -0.1987056f, 0.108976f], [-0.5573822f, -0.1063268f, -0.1475028f], -2376.13579, 2765.67513);
        CheckFull(
            synthetic.Model, 2, 31219.43064, [-6.431661f, 0.6709824f, 3.592028f, 6.572007f],
            [335, 1128, 105, 1128, 1128, 1128, 645, 1710, 1753, 666, 1128, 1753], 77882, 22,
            [-0.02521415f, 0.136223f, 0.2033173f, 0.1052734f, -0.06804042f, 0.1269599f], [0.4091689f, 0.04245438f, 0.09310935f], 1220.85093, 1784.42866);
    }

    [Fact]
    public void TheSmallShapesGiveTheOriginalsNumbers()
    {
        using var synthetic = new SyntheticVqVae(SyntheticVqVae.Small);
        CheckFull(
            synthetic.Model, 0, 89939.29416, [-1.982517f, -2.74138f, 3.103323f, -5.429885f],
            [975, 417, 509, 481, 623, 279, 17, 17, 449, 636, 754, 101], 129335, 91,
            [0.1873117f, -0.09078802f, 0.4126377f, 0.9089173f, 0.376199f, -0.304235f], [0.8185334f, 0.4182495f, -0.6488349f], 905.03943, 3836.71856);
        CheckFull(
            synthetic.Model, 1, 48816.31515, [-1.479638f, 23.54631f, 7.335349f, 14.35766f],
            [625, 817, 536, 817, 707, 714, 278, 517, 707, 170, 517, 714], 16041, 16,
            [-0.4679218f, 0.002414268f, 0.0178501f, -0.2584909f, -0.4085633f, -0.2084505f], [-0.4744316f, 0.6370361f, 0.1229115f], -2148.99352, 4212.46981);
    }

    private static void CheckTinyLevel(VqVae model, float[] input, int level, int[] firstOfItem0, int[] lastOfItem1, int sum)
    {
        int[] item0 = model.Encode(level, input.AsMemory(0, 256)), item1 = model.Encode(level, input.AsMemory(256, 256));
        Assert.Equal(firstOfItem0, item0[..firstOfItem0.Length]);
        Assert.Equal(lastOfItem1, item1[^lastOfItem1.Length..]);
        Assert.Equal(sum, item0.Sum() + item1.Sum());
    }

    private static void CheckTinyDecode(VqVae model, float[] input, int level, float[] firstOfItem0, float[] lastOfItem1, double sum, double absolute)
    {
        float[] item0 = model.Decode(level, model.Encode(level, input.AsMemory(0, 256)));
        float[] item1 = model.Decode(level, model.Encode(level, input.AsMemory(256, 256)));
        Closeness.Check("first", firstOfItem0, item0.AsSpan(0, 8), Tolerances.SyntheticVectors);
        Closeness.Check("last", lastOfItem1, item1.AsSpan(252, 4), Tolerances.SyntheticVectors);
        CheckSums([.. item0, .. item1], sum, absolute);
    }

    private static void CheckFull(
        VqVae model, int level, double absolute, float[] firstChannels, int[] firstCodes, int codeSum, int distinct,
        float[] firstSamples, float[] middleSamples, double decodedSum, double decodedAbsolute)
    {
        float[] input = SyntheticWeights.Uniform("input", 8192);
        float[] encoded = model.EncoderOutput(level, input);
        Closeness.Check($"encoder {level}", firstChannels, encoded.AsSpan(0, 4), Tolerances.SyntheticVectors);
        Assert.InRange(encoded.Sum(value => Math.Abs((double)value)) / absolute, 1 - Tolerances.SyntheticVectors, 1 + Tolerances.SyntheticVectors);

        int[] codes = model.Encode(level, input);
        Assert.Equal(firstCodes, codes[..firstCodes.Length]);
        Assert.Equal((codeSum, distinct), (codes.Sum(), codes.Distinct().Count()));

        int[] tokens = SyntheticWeights.Tokens($"z{level}", 1, 8192 / model.Spec.SamplesPerToken(level), model.Spec.CodebookSize)[0];
        float[] decoded = model.Decode(level, tokens);
        Closeness.Check($"decoder {level}, first", firstSamples, decoded.AsSpan(0, 6), Tolerances.SyntheticVectors);
        Closeness.Check($"decoder {level}, middle", middleSamples, decoded.AsSpan(4096, 3), Tolerances.SyntheticVectors);
        CheckSums(decoded, decodedSum, decodedAbsolute);
    }

    private static void CheckSums(float[] values, double sum, double absolute)
    {
        double allowed = absolute * Tolerances.SyntheticVectors;
        Assert.InRange(values.Sum(value => (double)value), sum - allowed, sum + allowed);
        Assert.InRange(values.Sum(value => Math.Abs((double)value)), absolute - allowed, absolute + allowed);
    }
}
