using Jukebox.Core.Contract;
using Jukebox.Core.Files;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Training.Optimisation;

/// <summary>
/// The trained tensors of a model, float32 on the device: values, gradients, Adam's moments and the moving average each lie
/// in one flat buffer in the order of the model's table, so that what is done to all of them is one operation. A tensor
/// begins at a multiple of 64 bytes; the gaps are zero and stay zero.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    private const int AlignmentElements = 16;

    /// <summary>Elements exchanged at once.</summary>
    private const int SwapElements = 1 << 18;

    private readonly Dictionary<string, (Shape Shape, long Offset)> _places = [];
    private readonly ITrainingBackend _backend;
    private readonly Tensor _swapped; // a piece of the values while they are exchanged

    /// <summary>Allocates everything, zero.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="table">What is trained: a model's table without what it does not train by gradients.</param>
    public ParameterSet(ITrainingBackend backend, IEnumerable<TensorEntry> table)
    {
        _backend = backend;
        Entries = [.. table];
        long length = 0;
        foreach (TensorEntry entry in Entries)
        {
            _places.Add(entry.Name, (entry.StoredShape, length));
            length += (entry.StoredShape.LengthElements + AlignmentElements - 1) / AlignmentElements * AlignmentElements;
        }

        try
        {
            Values = Flat(length);
            Gradients = Flat(length);
            FirstMoments = Flat(length);
            SecondMoments = Flat(length);
            Averages = Flat(length);
            _swapped = Flat(Math.Min(length, SwapElements));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The tensors, in the order in which they lie.</summary>
    public IReadOnlyList<TensorEntry> Entries { get; }

    /// <summary>Every value, (L).</summary>
    public Tensor Values { get; }

    /// <summary>Every gradient, (L).</summary>
    public Tensor Gradients { get; }

    /// <summary>Adam's first moments, (L).</summary>
    public Tensor FirstMoments { get; }

    /// <summary>Adam's second moments, (L).</summary>
    public Tensor SecondMoments { get; }

    /// <summary>Exponential moving averages of the values, (L).</summary>
    public Tensor Averages { get; }

    /// <summary>The value of that name, in its stored shape.</summary>
    public Tensor Value(string name) => Within(Values, name);

    /// <summary>The gradient of that name, in its stored shape.</summary>
    public Tensor Gradient(string name) => Within(Gradients, name);

    /// <summary>The tensor of that name within one of the flat buffers.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public Tensor Within(Tensor flat, string name) => _places.TryGetValue(name, out (Shape Shape, long Offset) place)
        ? new Tensor(flat.Buffer, ElementType.F32, place.Shape, flat.OffsetElements + place.Offset)
        : throw new ArgumentException($"'{name}' is not trained", nameof(name));

    /// <summary>Sets every gradient to zero.</summary>
    public void ClearGradients() => Gradients.Buffer.Fill(0);

    /// <summary>Begins the moving average at the present values.</summary>
    public void ResetAverages() => _backend.Copy(Values, Averages);

    /// <summary>Exchanges the values and their averages, which are what is evaluated, sampled from and exported.</summary>
    public void SwapAverages()
    {
        int length = Values.Shape[0];
        for (int first = 0; first < length; first += SwapElements)
        {
            int count = Math.Min(SwapElements, length - first);
            Tensor values = Values.Slice(first, count), averages = Averages.Slice(first, count), held = _swapped.Slice(0, count);
            _backend.Copy(values, held);
            _backend.Copy(averages, values);
            _backend.Copy(held, averages);
        }
    }

    /// <summary>Sets every tensor from a weight file.</summary>
    public void Load(WeightFile file)
    {
        foreach (TensorEntry entry in Entries)
        {
            Tensor stored = _backend.Load(file[entry.Name]);
            using DeviceBuffer buffer = stored.Buffer;
            _backend.Convert(stored, Value(entry.Name));
            _backend.Synchronize();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor flat in (ReadOnlySpan<Tensor>)[Values, Gradients, FirstMoments, SecondMoments, Averages, _swapped])
        {
            flat.Buffer?.Dispose(); // not there where an allocation has failed
        }
    }

    private Tensor Flat(long length)
    {
        var tensor = new Tensor(_backend.Allocate(Math.Max(length, 1) * sizeof(float)), ElementType.F32, new Shape(checked((int)length)));
        try
        {
            tensor.Buffer.Fill(0);
            return tensor;
        }
        catch
        {
            tensor.Buffer.Dispose();
            throw;
        }
    }
}
