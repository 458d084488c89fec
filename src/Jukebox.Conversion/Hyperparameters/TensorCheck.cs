using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;
using Jukebox.Models.Format;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>One tensor of the model and where its data comes from, as a view in the order in which it is stored.</summary>
/// <param name="Entry">The model's tensor.</param>
/// <param name="Source">The data, permuted to <see cref="TensorEntry.StoredShape"/>.</param>
public sealed record MatchedTensor(TensorEntry Entry, SourceTensor Source);

/// <summary>A part's tensors against the model's table.</summary>
internal sealed class TensorCheck
{
    private const int NamesInMessage = 20;
    private readonly ModelPart _part;

    /// <summary>Compares names and shapes.</summary>
    public TensorCheck(ModelPart part, IReadOnlyList<TensorEntry> table)
    {
        _part = part;
        foreach (TensorEntry entry in table)
        {
            Shape expected = part.IsStored ? entry.StoredShape : entry.CheckpointShape;
            if (!part.Tensors.TryGetValue(entry.Name, out SourceTensor? source))
            {
                Missing.Add(entry.Name);
            }
            else if (!source.HasShape(expected))
            {
                Misshapen.Add($"{entry.Name} {source.ShapeText} instead of {expected}");
            }
            else
            {
                Matched.Add(new MatchedTensor(entry, part.IsStored ? source : Repack(source, entry.Role)));
            }
        }

        HashSet<string> known = [.. table.Select(entry => entry.Name)];
        Unexpected.AddRange(part.Tensors.Keys.Where(name => !known.Contains(name)).Order(StringComparer.Ordinal));
    }

    /// <summary>Tensors found, in the table's order.</summary>
    public List<MatchedTensor> Matched { get; } = [];

    /// <summary>Names in the table but not in the part.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Names in the part but not in the table; a tied output matrix is among them.</summary>
    public List<string> Unexpected { get; } = [];

    /// <summary>Names with the shape found and the shape needed.</summary>
    public List<string> Misshapen { get; } = [];

    /// <summary>Whether every tensor of the table is there.</summary>
    public bool IsComplete => Missing.Count == 0 && Misshapen.Count == 0;

    /// <summary>How far the part is from the table.</summary>
    public int Distance => Missing.Count + Misshapen.Count + Unexpected.Count;

    /// <summary>The error that lists what is missing, misshapen and unexpected.</summary>
    public DamagedFileException Failure()
    {
        string problem = string.Join("; ", ((IEnumerable<string>)
        [
            Describe("missing", Missing),
            Describe("of the wrong shape", Misshapen),
            Describe("unexpected", Unexpected),
        ]).Where(text => text.Length > 0));
        return new DamagedFileException(
            _part.Path, -1, $"its tensors do not fit the model: {problem}", "check that the file is complete and that it is the one you mean");
    }

    private static string Describe(string what, List<string> names) => names.Count == 0
        ? ""
        : $"{names.Count} {what} ({Text.List(names, NamesInMessage)})";

    private static SourceTensor Repack(SourceTensor source, TensorRole role) => role switch
    {
        TensorRole.Convolution => source.Permute(2, 1, 0),
        TensorRole.TransposedConvolution => source.Permute(2, 0, 1),
        _ => source,
    };
}
