namespace Jukebox.Cuda.Backend;

/// <summary>
/// Memory that operations share: scratch, which each has for itself until the next asks, and counters that are zero between launches.
/// The two never share memory, in whatever order they are asked for. What was outgrown is kept: a recording may still point into it.
/// </summary>
/// <param name="allocate">Takes that many bytes.</param>
internal sealed class DeviceScratch(Func<long, CudaBuffer> allocate) : IDisposable
{
    private const long LeastScratchBytes = 64 * 1024;
    private const long LeastCounterBytes = 1024 * sizeof(int);

    private readonly List<CudaBuffer> _outgrown = [];
    private CudaBuffer? _scratch;
    private CudaBuffer? _counters;

    /// <summary>Memory that holds until the next operation asks for some; its content is undefined.</summary>
    public ulong Lend(long lengthBytes)
    {
        if (_scratch is null || _scratch.LengthBytes < lengthBytes)
        {
            Replace(ref _scratch, allocate(Math.Max(lengthBytes, LeastScratchBytes)));
        }

        return _scratch.Address;
    }

    /// <summary>Integers that are zero; every launch leaves them so.</summary>
    public ulong Counters(int count)
    {
        long lengthBytes = (long)count * sizeof(int);
        if (_counters is null || _counters.LengthBytes < lengthBytes)
        {
            CudaBuffer grown = allocate(Math.Max(lengthBytes, LeastCounterBytes));
            try
            {
                grown.Fill(0);
            }
            catch
            {
                grown.Dispose();
                throw;
            }

            Replace(ref _counters, grown);
        }

        return _counters.Address;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scratch?.Dispose();
        _counters?.Dispose();
        _outgrown.ForEach(buffer => buffer.Dispose());
        _outgrown.Clear();
    }

    private void Replace([System.Diagnostics.CodeAnalysis.NotNull] ref CudaBuffer? buffer, CudaBuffer grown)
    {
        if (buffer is not null)
        {
            _outgrown.Add(buffer);
        }

        buffer = grown;
    }
}
