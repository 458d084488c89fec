using Jukebox.Core.Tensors;

namespace Jukebox.Testing;

/// <summary>
/// The one table of tolerances, relative to max(1, |expected|): the unit of float32 rounding times what the
/// operation accumulates. References compute with the stored (already rounded) weights, so the storage type of the
/// weights adds nothing.
/// </summary>
public static class Tolerances
{
    private const double Unit = 1.0 / (1 << 24);

    /// <summary>Two sums of C terms and a square root; inputs up to 8.</summary>
    public static double LayerNorm(int width) => Unit * 8 * Math.Sqrt(width + 16.0);

    /// <summary>A chain of K products of magnitude up to 8 · 8, errors growing like √K.</summary>
    public static double Sum(int length) => Unit * 64 * Math.Sqrt(length + 16.0);

    /// <summary>
    /// How much farther than the nearest a chosen code may be, absolutely: three sums of C products of magnitude up to
    /// 8 · 8, of which the expanded distance keeps the rounding errors.
    /// </summary>
    public static double Distance(int width) => Unit * 3 * 64 * width;

    /// <summary>
    /// Scores are sums of D products, and an error e of a score is an error e of its weight; then a mean of values up to
    /// 8 over as many keys, whose roundings add up.
    /// </summary>
    public static double Attention(int headWidth, int keyCount) => Sum(headWidth) + Sum(keyCount);

    /// <summary>
    /// The forward pass's normal values, which two means of products with gradients up to 8 enlarge; where a row is all
    /// alike, all of its gradient cancels.
    /// </summary>
    public static double LayerNormGradient(int width) => 4 * LayerNorm(width);

    /// <summary>A sigmoid, its complement and a few products with values up to 8, each rounded.</summary>
    public const double QuickGelu = 32 * Unit;

    /// <summary>A logarithm of a sum of K shares, and of a difference of logits up to 48, in bits; gradients have the sum's error only.</summary>
    public static double CrossEntropy(int width) => Unit * 8 * Math.Sqrt(width + 16.0);

    /// <summary>A few products of values up to 8, each rounded, and 1 − β, of which a rounding is worth up to 1 / 0.05.</summary>
    public const double Adam = 16 * Unit;

    /// <summary>
    /// The forward pass's errors of a weight, of a product dy · v as of a score, and of a sum over keys or queries; 1 / √D takes
    /// a slope back to the size of a value.
    /// </summary>
    public static double AttentionGradient(int headWidth, int queryCount) => 2 * Attention(headWidth, queryCount);

    /// <summary>
    /// Central differences in double precision with steps of 1e−5: a third derivative of up to a few thousand times
    /// 1e−10 / 6, and sums of a hundred rounded to 1e−16 over the step.
    /// </summary>
    public const double CentralDifference = 1e-6;

    /// <summary>
    /// A norm of magnitudes: each of the log₂ N stages of a transform rounds a few times, and what a norm sums is positive.
    /// </summary>
    public static double SpectralNorm(int transform) => Unit * 8 * Math.Log2(2 * transform);

    /// <summary>
    /// Two transforms, each a sum of N terms whose errors grow like √N; a magnitude far below the others has a direction that is as
    /// uncertain as it is small.
    /// </summary>
    public static double SpectralGradient(int transform) => 8 * Sum(transform);

    /// <summary>The rounding of a difference and of its square; sums are in double precision.</summary>
    public const double SampleDistance = 4 * Unit;

    /// <summary>Some 10⁵ positive terms in double precision, summed in two orders: their roundings of 1e−16 partly cancel.</summary>
    public const double DoubleSum = 1e-12;

    /// <summary>Vectorised e^x, relative: a rounding each of the reduction, the polynomial and the result.</summary>
    public const double Exp = 3 * Unit;

    /// <summary>
    /// A small transformer layer computed twice: two errors of each sum, enlarged by the softmax and by weights whose
    /// absolute sum along a row is a few units.
    /// </summary>
    public static double Layer(int width) => 8 * Sum(width);

    /// <summary>One rounding to the destination's type.</summary>
    public static double Store(ElementType type) => type switch
    {
        ElementType.F16 => 1.0 / (1 << 11),
        ElementType.BF16 => 1.0 / (1 << 8),
        _ => Unit,
    };

    /// <summary>
    /// A whole model against the reference's float32 run, which differs in the order of every sum. The errors of a sum go
    /// with its terms, not with what they cancel to, so this is relative to max(1, |expected|, root mean square of the
    /// tensor). An ulp in the position embeddings alone moves logits by up to 2e-5.
    /// </summary>
    public const double GoldenActivations = 2e-5;

    /// <summary>Features of music against the extractors', in parts of the largest.</summary>
    public const double GoldenFeatures = 1e-5;

    /// <summary>
    /// Logits of a tiny model whose matrices, caches and inputs of products are stored narrower than the original's: each
    /// layer rounds its weights and its inputs once, and the roundings of a few layers add up like random numbers.
    /// </summary>
    public static double GoldenLogits(ElementType storage) => storage == ElementType.F32 ? GoldenActivations : 8 * Store(storage);

    /// <summary>
    /// Gradients, losses, weights and moments of the reference's training steps, relative to an element and to its tensor's
    /// largest value or root mean square: two float32 passes whose sums are ordered differently.
    /// </summary>
    public const double GoldenGradients = 1e-4;

    /// <summary>
    /// Single numbers of the original with synthetic weights, printed with seven digits, after up to a hundred layers
    /// whose errors add up.
    /// </summary>
    public const double SyntheticVectors = 2e-5;

    /// <summary>A resampled tone of amplitude 1 in the pass band: the window's ripple of −110 dB, and roundings of a few hundred taps.</summary>
    public const double ResamplerPassBand = 1e-5;

    /// <summary>A tone of amplitude 1 beyond the lower Nyquist frequency: −100 dB.</summary>
    public const double ResamplerStopBand = 1e-5;
}
