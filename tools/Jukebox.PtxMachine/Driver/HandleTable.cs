using System.Collections.Concurrent;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Objects behind the opaque handles that C programs hold. A handle is never used twice.</summary>
internal static class HandleTable
{
    private static readonly ConcurrentDictionary<nint, object> Objects = new();
    private static long _last = 0x10000;

    /// <summary>A new handle.</summary>
    public static nint Add(object value)
    {
        // In steps that look like addresses, and cannot be taken for the special streams 1 and 2.
        nint handle = (nint)Interlocked.Add(ref _last, 16);
        Objects[handle] = value;
        return handle;
    }

    /// <summary>The object, which must be of the type that the call works on.</summary>
    public static T Get<T>(nint handle)
        where T : class => Objects.TryGetValue(handle, out object? value) && value is T typed
        ? typed
        : throw new DriverException(CuResult.InvalidHandle, $"0x{handle:x} is no handle of a {typeof(T).Name}");

    /// <summary>The object, whose handle is then dead.</summary>
    public static T Remove<T>(nint handle)
        where T : class
    {
        T value = Get<T>(handle);
        Objects.TryRemove(handle, out _);
        return value;
    }
}
