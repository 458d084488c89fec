using System.Text;
using Jukebox.Core.Randomness;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Training.Optimisation;

/// <summary>How the elements of a tensor are drawn: the same value, or a normal or uniform distribution around zero.</summary>
public readonly record struct InitialDistribution
{
    private InitialDistribution(double constant, double deviation, double bound)
    {
        Value = constant;
        Deviation = deviation;
        Bound = bound;
    }

    /// <summary>Value of every element, where the other two are 0.</summary>
    public double Value { get; }

    /// <summary>Standard deviation of a normal distribution.</summary>
    public double Deviation { get; }

    /// <summary>Largest value of a uniform distribution.</summary>
    public double Bound { get; }

    /// <summary>Every element the same.</summary>
    public static InitialDistribution Constant(double value) => new(value, 0, 0);

    /// <summary>Normal, around zero.</summary>
    public static InitialDistribution Normal(double deviation) => new(0, deviation, 0);

    /// <summary>Uniform in ±bound.</summary>
    public static InitialDistribution Uniform(double bound) => new(0, 0, bound);
}

/// <summary>
/// Weights to begin training with. An element is a pure function of the seed, its tensor's name and its index: the same on
/// every machine, whatever else is in the model.
/// </summary>
public static class Initialisation
{
    /// <summary>Elements drawn at once; a multiple of four.</summary>
    private const int PieceElements = 1 << 16;

    /// <summary>Sets every tensor as a rule says.</summary>
    public static void Fill(ParameterSet parameters, Func<TensorEntry, InitialDistribution> rule, ulong seed)
    {
        foreach (TensorEntry entry in parameters.Entries)
        {
            Fill(parameters.Value(entry.Name), entry.Name, rule(entry), seed);
        }
    }

    /// <summary>Draws the elements of one tensor: of a new row of a table, say.</summary>
    /// <param name="tensor">F32.</param>
    /// <param name="name">What the draws are keyed by.</param>
    /// <param name="distribution">What is drawn from.</param>
    /// <param name="seed">Seed of the run.</param>
    public static void Fill(Tensor tensor, string name, InitialDistribution distribution, ulong seed)
    {
        int length = checked((int)tensor.LengthElements);
        Tensor flat = tensor.Reshape(length);
        ulong key = Hash(name);
        var piece = new float[Math.Min(length, PieceElements)];
        for (int first = 0; first < length; first += piece.Length)
        {
            Span<float> values = piece.AsSpan(0, Math.Min(piece.Length, length - first));
            Draw(values, first, key, distribution, seed);
            flat.Slice(first, values.Length).Upload<float>(values);
        }
    }

    /// <summary>Draws numbers that are no parameters.</summary>
    /// <param name="name">What the draws are keyed by.</param>
    /// <param name="count">How many.</param>
    /// <param name="distribution">What is drawn from.</param>
    /// <param name="seed">Seed of the run.</param>
    internal static float[] Draw(string name, int count, InitialDistribution distribution, ulong seed)
    {
        var values = new float[count];
        Draw(values, 0, Hash(name), distribution, seed);
        return values;
    }

    /// <summary>
    /// The rule for convolutions: weight and bias uniform in ±1/√f, f being taps times input channels, or output channels of a
    /// transposed convolution, whose checkpoint has them on that axis.
    /// </summary>
    /// <param name="table">The model's tensors: a bias is drawn as its weight is.</param>
    /// <param name="entry">A convolution's weight or bias.</param>
    public static InitialDistribution OfConvolution(IEnumerable<TensorEntry> table, TensorEntry entry)
    {
        const string bias = ".bias";
        TensorEntry weight = entry.Name.EndsWith(bias, StringComparison.Ordinal)
            ? table.First(other => other.Name == entry.Name[..^bias.Length] + ".weight")
            : entry;
        return weight.Role is TensorRole.Convolution or TensorRole.TransposedConvolution
            ? InitialDistribution.Uniform(1 / Math.Sqrt(weight.CheckpointShape[1] * weight.CheckpointShape[2]))
            : throw new ArgumentException($"'{entry.Name}' belongs to no convolution", nameof(entry));
    }

    private static void Draw(Span<float> values, int firstElement, ulong key, InitialDistribution distribution, ulong seed)
    {
        values.Fill((float)distribution.Value);
        if (distribution.Deviation == 0 && distribution.Bound == 0)
        {
            return;
        }

        Span<uint> draws = stackalloc uint[4];
        for (int i = 0; i < values.Length; i += draws.Length)
        {
            (draws[0], draws[1], draws[2], draws[3]) = CounterRandom.Philox(
                (uint)((firstElement + i) / draws.Length), 0, (uint)key, (uint)(key >> 32), (uint)seed, (uint)(seed >> 32));
            for (int j = 0; j < draws.Length && i + j < values.Length; j++)
            {
                values[i + j] = (float)(distribution.Deviation > 0
                    ? distribution.Deviation * NormalNumbers.Quantile(draws[j])
                    : distribution.Bound * (((draws[j] + 0.5) * (1.0 / (1L << 31))) - 1));
            }
        }
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    private static ulong Hash(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (byte value in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ value) * 1099511628211;
        }

        return hash;
    }
}
