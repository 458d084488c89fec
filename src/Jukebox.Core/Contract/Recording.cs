namespace Jukebox.Core.Contract;

/// <summary>A sequence of operations that <see cref="IBackend.Record"/> kept. Dispose it before what it computes with.</summary>
public abstract class Recording : IDisposable
{
    /// <summary>Issues the operations, in queue order; allocates nothing and waits for nothing.</summary>
    public abstract void Replay();

    /// <inheritdoc/>
    public abstract void Dispose();
}
