using System.Globalization;
using Jukebox.Conversion.Containers;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;

namespace Jukebox.Conversion.Targets;

/// <summary>The tensors of one file whose values are no finite numbers: a model with such weights computes nothing.</summary>
internal sealed class ValueCheck
{
    private const int NamesInMessage = 20;
    private readonly List<string> _nonFinite = [];
    private readonly List<string> _overflows = [];
    private string _path = "";
    private ElementType _type;

    /// <summary>Adds what became of a tensor.</summary>
    public void Add(SourceTensor source, string name, ElementType type, CopiedValues values)
    {
        if (values.NonFinite > 0)
        {
            _nonFinite.Add(Describe(source, name, values.NonFinite));
            _path = source.File.Path;
        }
        else if (values.Overflows > 0)
        {
            _overflows.Add(Describe(source, name, values.Overflows));
            _type = type;
            _path = source.File.Path;
        }
    }

    /// <summary>Refuses a file in which there are any.</summary>
    /// <exception cref="DamagedFileException">There are: the message names the tensors.</exception>
    public void RequireFinite()
    {
        if (_nonFinite.Count > 0)
        {
            throw new DamagedFileException(
                _path, -1, $"values that are not finite numbers (NaN or infinity) are in {Text.List(_nonFinite, NamesInMessage)}",
                "download it again, or take a checkpoint from before its training failed");
        }

        if (_overflows.Count > 0)
        {
            throw new DamagedFileException(
                _path, -1, $"values too large for {_type}, which would become infinite, are in {Text.List(_overflows, NamesInMessage)}",
                _type == ElementType.F16 ? "convert it with --dtype bf16, which has the range of f32, or f32" : "check where the file comes from");
        }
    }

    private static string Describe(SourceTensor source, string name, long count) =>
        string.Create(CultureInfo.InvariantCulture, $"'{name}' ({count} of {source.LengthElements})");
}
