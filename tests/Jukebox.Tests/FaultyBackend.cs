using System.Reflection;
using System.Runtime.ExceptionServices;
using Jukebox.Core.Contract;
using Jukebox.Core.Tensors;

namespace Jukebox.Tests;

/// <summary>A backend with one planted fault: the first element of the result of the n-th call of one operation is off.</summary>
public class FaultyBackend : DispatchProxy
{
    private IBackend? _inner;
    private string _operation = "";
    private int _callsUntilFault;

    /// <summary>Wraps a backend, which the wrapper then disposes.</summary>
    public static IBackend Wrap(IBackend inner, string operation, int call)
    {
        IBackend proxy = Create<IBackend, FaultyBackend>();
        var faulty = (FaultyBackend)proxy;
        (faulty._inner, faulty._operation, faulty._callsUntilFault) = (inner, operation, call);
        return proxy;
    }

    /// <summary>The same for a backend that trains.</summary>
    public static ITrainingBackend WrapForTraining(ITrainingBackend inner, string operation, int call)
    {
        ITrainingBackend proxy = Create<ITrainingBackend, FaultyBackend>();
        var faulty = (FaultyBackend)proxy;
        (faulty._inner, faulty._operation, faulty._callsUntilFault) = (inner, operation, call);
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        object? result;
        try
        {
            result = targetMethod!.Invoke(_inner, args);
        }
        catch (TargetInvocationException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }

        if (targetMethod.Name == _operation && --_callsUntilFault == 0)
        {
            var y = (Tensor)args![^1]!;
            float[] values = y.ToArray<float>();
            values[0] += 1;
            y.Upload<float>(values);
        }

        return result == _inner ? this : result; // its training side is as faulty
    }
}
