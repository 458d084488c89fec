namespace Jukebox.Training.Optimisation;

/// <summary>
/// Normally distributed numbers from uniform ones, by nothing but the four operations and the square root: unlike a runtime's
/// logarithm or cosine, these give the same bits on every machine.
/// </summary>
internal static class NormalNumbers
{
    /// <summary>
    /// The number below which a normal one lies with probability (x + ½) / 2³²: Wichura, "Algorithm AS 241: the percentage
    /// points of the normal distribution", 1988, without its outermost tails, which 32 bits do not reach.
    /// </summary>
    public static double Quantile(uint x)
    {
        double p = (x + 0.5) * (1.0 / (1L << 32)), q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            double r = 0.180625 - (q * q);
            return q * Polynomial(r, CentreNumerator) / Polynomial(r, CentreDenominator);
        }

        double tail = Math.Sqrt(-Log(q < 0 ? p : 1 - p)) - 1.6;
        double value = Polynomial(tail, TailNumerator) / Polynomial(tail, TailDenominator);
        return q < 0 ? -value : value;
    }

    /// <summary>The natural logarithm of a normal positive number: 2 · artanh((m − 1) / (m + 1)) + e · ln 2, √½ ≤ m &lt; √2.</summary>
    internal static double Log(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(x);
        long exponent = (bits >> 52) - 1023;
        double mantissa = BitConverter.Int64BitsToDouble((bits & ((1L << 52) - 1)) | (1023L << 52));
        if (mantissa > 1.4142135623730951)
        {
            mantissa *= 0.5;
            exponent++;
        }

        // |s| ≤ 0.172, so the first term left out, s²³ / 23, is below a rounding of s.
        double s = (mantissa - 1) / (mantissa + 1), square = s * s, sum = 0;
        for (int odd = 21; odd >= 1; odd -= 2)
        {
            sum = (sum * square) + (1.0 / odd);
        }

        return (2 * s * sum) + (exponent * 0.6931471805599453);
    }

    private static ReadOnlySpan<double> CentreNumerator =>
    [
        2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
        1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.3871328727963666080e0,
    ];

    private static ReadOnlySpan<double> CentreDenominator =>
    [
        5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4, 2.1213794301586595867e4,
        5.3941960214247511077e3, 6.8718700749205790830e2, 4.2313330701600911252e1, 1.0,
    ];

    private static ReadOnlySpan<double> TailNumerator =>
    [
        7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258e0,
        3.64784832476320460504e0, 5.76949722146069140550e0, 4.63033784615654529590e0, 1.42343711074968357734e0,
    ];

    private static ReadOnlySpan<double> TailDenominator =>
    [
        1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636161571966e-2, 1.48103976427480074590e-1,
        6.89767334985100004550e-1, 1.67638483018383804940e0, 2.05319162663775882187e0, 1.0,
    ];

    /// <summary>Highest power first.</summary>
    private static double Polynomial(double x, ReadOnlySpan<double> coefficients)
    {
        double sum = 0;
        foreach (double coefficient in coefficients)
        {
            sum = (sum * x) + coefficient;
        }

        return sum;
    }
}
