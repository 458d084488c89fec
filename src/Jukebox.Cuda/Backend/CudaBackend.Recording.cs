using Jukebox.Core.Contract;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Backend;

/// <summary>Sequences of operations as CUDA graphs: one call issues them all.</summary>
public sealed unsafe partial class CudaBackend
{
    /// <inheritdoc/>
    public Recording Record(Action operations)
    {
        using TurnKeeper.Turn turn = _turns.Enter();
        return new CudaRecording(this, _stream.Capture(operations));
    }

    private sealed class CudaRecording(CudaBackend backend, GraphHandle graph) : Recording
    {
        public override void Replay()
        {
            using TurnKeeper.Turn turn = backend._turns.Enter();
            backend._stream.Launch(graph);
        }

        public override void Dispose() => graph.Dispose();
    }
}
