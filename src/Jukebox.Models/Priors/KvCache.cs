using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Models.Priors;

/// <summary>
/// Keys and values of one attention layer, for N items: as long as its pattern can see, and the slack that lets a
/// whole chunk be appended before any of it is attended. Nothing is ever cleared: what a query may see has always
/// been written since the window began.
/// </summary>
internal sealed class KvCache
{
    /// <summary>Allocates under names that begin with <paramref name="name"/>.</summary>
    public KvCache(Workspace memory, string name, in AttentionPattern pattern, ElementType type, int batchSize, int stateWidth)
    {
        Pattern = pattern;
        Keys = memory.Allocate($"{name}.keys", type, batchSize, pattern.CacheLength, stateWidth);
        Values = memory.Allocate($"{name}.values", type, batchSize, pattern.CacheLength, stateWidth);
    }

    /// <summary>Who sees whom, and where a position's key lives.</summary>
    public AttentionPattern Pattern { get; }

    /// <summary>(N, L, S).</summary>
    public Tensor Keys { get; }

    /// <summary>(N, L, S).</summary>
    public Tensor Values { get; }
}
