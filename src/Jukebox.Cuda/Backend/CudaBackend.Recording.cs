using Jukebox.Core.Contract;
using Jukebox.Cuda.Compiler;
using Jukebox.Cuda.Driver;

namespace Jukebox.Cuda.Backend;

/// <summary>Sequences of operations as CUDA graphs: one call issues them all.</summary>
public sealed unsafe partial class CudaBackend
{
    /// <inheritdoc/>
    public Recording Record(Action operations) => new CudaRecording(_stream, _stream.Capture(operations));

    private sealed class CudaRecording(CudaStream stream, GraphHandle graph) : Recording
    {
        public override void Replay() => stream.Launch(graph);

        public override void Dispose() => graph.Dispose();
    }
}
