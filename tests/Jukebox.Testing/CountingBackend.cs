using System.Reflection;
using System.Runtime.ExceptionServices;
using Jukebox.Core.Contract;
using Jukebox.Core.Errors;
using Jukebox.Core.Tensors;

namespace Jukebox.Testing;

/// <summary>
/// Passes everything on to a backend, counts what is allocated on it and knows what of it is not freed. It can refuse the n-th call
/// that gives memory out.
/// </summary>
public class CountingBackend : DispatchProxy
{
    private readonly HashSet<DeviceBuffer> _buffers = [];
    private readonly List<PackedMatrix> _matrices = [];
    private IBackend? _inner;
    private int _calls;

    /// <summary>Bytes of every <see cref="IBackend.Allocate"/> so far.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Bytes of every tensor loaded so far; of packed ones, as they were packed.</summary>
    public long WeightBytes { get; private set; }

    /// <summary>The call of <see cref="IBackend.Allocate"/>, <see cref="IBackend.Load"/> or <see cref="IBackend.Pack"/> that fails, from 1 on; 0 for none.</summary>
    public int FailingCall { get; set; }

    /// <summary>Whether that call has come.</summary>
    public bool HasFailed => FailingCall > 0 && _calls >= FailingCall;

    /// <summary>Buffers and packed matrices that were given out and not freed.</summary>
    public int LiveBuffers => _buffers.Count(IsLive) + _matrices.Count(matrix => !matrix.IsDisposed);

    /// <summary>Wraps a backend, which the wrapper then disposes.</summary>
    public static IBackend Wrap(IBackend inner, out CountingBackend counter)
    {
        IBackend proxy = Create<IBackend, CountingBackend>();
        counter = (CountingBackend)proxy;
        counter._inner = inner;
        return proxy;
    }

    /// <summary>The same for a backend that trains.</summary>
    public static ITrainingBackend WrapForTraining(ITrainingBackend inner, out CountingBackend counter)
    {
        ITrainingBackend proxy = Create<ITrainingBackend, CountingBackend>();
        counter = (CountingBackend)proxy;
        counter._inner = inner;
        return proxy;
    }

    /// <summary>
    /// Does work with the first call refused, with the second, and so on until it needs no more calls: whatever it had until then must be
    /// freed each time. Returns how many there were.
    /// </summary>
    public static int CheckEveryFailure(Func<CountingBackend, IDisposable> work, Func<CountingBackend> open)
    {
        for (int call = 1; ; call++)
        {
            CountingBackend counter = open();
            using var backend = (IDisposable)(object)counter;
            counter.FailingCall = call;
            try
            {
                work(counter).Dispose();
            }
            catch (DeviceException) when (counter.HasFailed)
            {
            }

            Xunit.Assert.True(counter.LiveBuffers == 0, $"{counter.LiveBuffers} buffers are left when call {call} fails");
            if (!counter.HasFailed)
            {
                return call - 1;
            }
        }
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name is nameof(IBackend.Allocate) or nameof(IBackend.Load) or nameof(IBackend.Pack) && ++_calls == FailingCall)
        {
            throw new DeviceException($"call {_calls} is refused");
        }

        if (targetMethod.Name == nameof(IBackend.Allocate))
        {
            AllocatedBytes += (long)args![0]!;
        }

        object? result;
        try
        {
            result = targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }

        if (targetMethod.Name == nameof(IBackend.Load))
        {
            WeightBytes += ((Tensor)result!).LengthBytes;
        }
        else if (targetMethod.Name == nameof(IBackend.Pack))
        {
            WeightBytes += ((PackedMatrix)result!).LengthBytes - ((LinearWeights)args![0]!).Weight.LengthBytes;
        }

        Note(result);
        return result == _inner ? this : result; // its training side is counted too
    }

    private static bool IsLive(DeviceBuffer buffer)
    {
        try
        {
            buffer.Download([], 0);
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private void Note(object? result)
    {
        switch (result)
        {
            case DeviceBuffer buffer:
                _buffers.Add(buffer);
                break;
            case Tensor tensor:
                _buffers.Add(tensor.Buffer);
                break;
            case PackedMatrix matrix:
                _matrices.Add(matrix);
                break;
        }
    }
}
