using System.Globalization;
using Jukebox.Conversion.Containers;

namespace Jukebox.Conversion.Hyperparameters;

/// <summary>What the names and shapes of a part's tensors tell about it.</summary>
internal sealed class TensorNames(IReadOnlyDictionary<string, SourceTensor> tensors)
{
    /// <summary>Whether there is any tensor whose name begins so.</summary>
    public bool Any(string prefix) => tensors.Keys.Any(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>An extent of a tensor, or none if there is no such tensor or axis.</summary>
    public int? Extent(string name, int axis) =>
        tensors.TryGetValue(name, out SourceTensor? tensor) && axis < tensor.Sizes.Count && tensor.Sizes[axis] is > 0 and <= 1 << 24
            ? (int)tensor.Sizes[axis]
            : null;

    /// <summary>The largest N among the names <c>PREFIX.N…</c>, plus one; none if there are none.</summary>
    public int? Count(string prefix)
    {
        int count = 0;
        foreach (string name in tensors.Keys)
        {
            if (name.Length > prefix.Length && name[prefix.Length] == '.' && name.StartsWith(prefix, StringComparison.Ordinal))
            {
                int end = name.IndexOf('.', prefix.Length + 1);
                ReadOnlySpan<char> digits = name.AsSpan(prefix.Length + 1, (end < 0 ? name.Length : end) - prefix.Length - 1);
                if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < 4096)
                {
                    count = Math.Max(count, index + 1);
                }
            }
        }

        return count > 0 ? count : null;
    }
}
