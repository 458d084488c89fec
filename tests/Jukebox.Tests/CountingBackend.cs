using System.Reflection;
using System.Runtime.ExceptionServices;
using Jukebox.Core.Contract;

namespace Jukebox.Tests;

/// <summary>Passes everything on to a backend and counts what is allocated on it.</summary>
public class CountingBackend : DispatchProxy
{
    private IBackend? _inner;

    /// <summary>Bytes of every <see cref="IBackend.Allocate"/> so far.</summary>
    public long AllocatedBytes { get; private set; }

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

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IBackend.Allocate))
        {
            AllocatedBytes += (long)args![0]!;
        }

        try
        {
            return targetMethod.Invoke(_inner, args);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }
}
