using System.Globalization;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Training.Modules;

namespace Jukebox.Training.VqVaes;

/// <summary>
/// One level's codebook in training: not moved by gradients but by moving averages of the vectors that fall to each code,
/// and by giving codes that few vectors fall to a vector of the present batch.
/// </summary>
/// <remarks>
/// As in the reference a restart does not touch the averages: a code is redrawn at every step until its average count is
/// back above the threshold, and then jumps to the mean of its vectors.
/// </remarks>
internal sealed class Codebook : IDisposable
{
    private readonly ITrainingBackend _backend;
    private readonly Workspace _scratch;
    private readonly Tensor _counts; // (K)
    private readonly Tensor _sums; // (K, E)
    private readonly float _keep;
    private readonly float[] _averageSums; // (K, E), k_sum
    private readonly float[] _averageCounts; // (K), k_elem
    private readonly float[] _values; // (K, E)

    /// <summary>An uninitialised codebook of zeros: the first batch gives it its rows.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="size">K.</param>
    /// <param name="width">E.</param>
    /// <param name="keep">μ of the moving averages.</param>
    /// <param name="threshold">Average count of a step below which a code is restarted.</param>
    public Codebook(ITrainingBackend backend, int size, int width, double keep, double threshold)
    {
        _backend = backend;
        _keep = (float)keep;
        Threshold = (float)threshold;
        _scratch = new Workspace(backend);
        try
        {
            Values = _scratch.Allocate("codes", ElementType.F32, size, width);
            _counts = _scratch.Allocate("counts", ElementType.F32, size);
            _sums = _scratch.Allocate("sums", ElementType.F32, size, width);
            _values = new float[size * width];
            _averageSums = new float[size * width];
            _averageCounts = new float[size];
            Values.Upload<float>(_values);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The codes, (K, E), on the device.</summary>
    public Tensor Values { get; }

    /// <summary>Bytes of its tensors.</summary>
    public long LengthBytes => _scratch.LengthBytes;

    /// <summary>Whether it has rows of its own.</summary>
    public bool IsInitialised { get; private set; }

    /// <summary>Average count of a step below which a code is restarted.</summary>
    public float Threshold { get; }

    private int Size => Values.Shape[0];

    private int Width => Values.Shape[1];

    /// <summary>
    /// Takes the codes of a trained model, whose averages no checkpoint of the reference holds: every code is given the
    /// count <paramref name="expectedCount"/>.
    /// </summary>
    public void Restore(ReadOnlySpan<float> codes, double expectedCount)
    {
        codes.CopyTo(_values);
        for (int i = 0; i < _values.Length; i++)
        {
            _averageSums[i] = _values[i] * (float)expectedCount;
        }

        _averageCounts.AsSpan().Fill((float)expectedCount);
        Values.Upload<float>(_values);
        IsInitialised = true;
    }

    /// <summary>
    /// Takes rows of the first batch as codes, each as if it had been used just often enough: a code that no vector falls to
    /// is restarted at once, not only when its count has decayed, by when the encoder may have given up on the others.
    /// </summary>
    /// <param name="rows">(R, E) on the host.</param>
    /// <param name="draws">Randomness of this step and level.</param>
    public void Initialise(ReadOnlySpan<float> rows, RowDraws draws)
    {
        draws.Take(rows, Width, _values);
        Restore(_values, Threshold);
    }

    /// <summary>Moves the averages by one batch and the codes after them.</summary>
    /// <param name="codes">(R) I32: the code of each row.</param>
    /// <param name="x">(R, E) on the device.</param>
    /// <param name="rows">The same on the host.</param>
    /// <param name="draws">Randomness of this step and level.</param>
    public CodebookUse Update(Tensor codes, Tensor x, ReadOnlySpan<float> rows, RowDraws draws)
    {
        _backend.CodeSums(codes, x, _counts, _sums);
        float[] counts = _counts.ToArray<float>(), sums = _sums.ToArray<float>();
        var restarts = new float[_values.Length];
        draws.Take(rows, Width, restarts);
        double moved = 0, entropy = 0, total = codes.LengthElements;
        int used = 0, usedNow = 0;
        for (int code = 0; code < Size; code++)
        {
            _averageCounts[code] = (_keep * _averageCounts[code]) + ((1 - _keep) * counts[code]);
            bool isUsed = _averageCounts[code] >= Threshold;
            used += isUsed ? 1 : 0;
            usedNow += counts[code] >= Threshold ? 1 : 0;
            double share = counts[code] / total;
            entropy -= share * Math.Log(share + 1e-8);
            for (int i = code * Width; i < (code + 1) * Width; i++)
            {
                _averageSums[i] = (_keep * _averageSums[i]) + ((1 - _keep) * sums[i]);
                float value = isUsed ? _averageSums[i] / _averageCounts[code] : restarts[i];
                double distance = value - _values[i];
                moved += distance * distance;
                _values[i] = value;
            }
        }

        Values.Upload<float>(_values);
        return new CodebookUse(entropy, usedNow, used, Math.Sqrt(moved / _values.Length));
    }

    /// <summary>Codes and averages, to go on from exactly here.</summary>
    public IEnumerable<NamedState> SaveState(int level) =>
    [
        new(StateName(level, "k"), new Shape(Size, Width), [.. _values]),
        new(StateName(level, "k_sum"), new Shape(Size, Width), [.. _averageSums]),
        new(StateName(level, "k_elem"), new Shape(Size), [.. _averageCounts]),
        new(StateName(level, "initialised"), new Shape(1), [IsInitialised ? 1 : 0]),
    ];

    /// <summary>What <see cref="SaveState"/> gave.</summary>
    /// <exception cref="DamagedFileException">Something is missing or misshapen.</exception>
    public void LoadState(WeightFile file, int level)
    {
        StateReader.Read(file, StateName(level, "k"), _values);
        StateReader.Read(file, StateName(level, "k_sum"), _averageSums);
        StateReader.Read(file, StateName(level, "k_elem"), _averageCounts);
        var flag = new float[1];
        StateReader.Read(file, StateName(level, "initialised"), flag);
        Values.Upload<float>(_values);
        IsInitialised = flag[0] != 0;
    }

    /// <summary>What a checkpoint calls one of the arrays of a level's codebook; <c>k</c> are the codes.</summary>
    public static string StateName(int level, string array) => string.Create(CultureInfo.InvariantCulture, $"codebook.{level}.{array}");

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();
}

/// <summary>How one batch used a codebook.</summary>
/// <param name="Entropy">Of the batch's codes, nats.</param>
/// <param name="UsedNow">Codes with at least the threshold's count in this batch (<c>used_curr</c>).</param>
/// <param name="Used">Codes whose average count is at least the threshold (<c>usage</c>).</param>
/// <param name="Moved">Root mean square of how far the entries moved (<c>dk</c>).</param>
internal sealed record CodebookUse(double Entropy, int UsedNow, int Used, double Moved);
