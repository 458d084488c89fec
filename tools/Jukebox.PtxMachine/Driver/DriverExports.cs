using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Driver;

/// <summary>
/// The functions of the CUDA driver's C interface, under the names that the real library exports; a group of the manual in
/// each partial file. What a call refuses is a result code; why stands in the device's log.
/// </summary>
internal static unsafe partial class DriverExports
{
    private static volatile bool _initialised;

    [UnmanagedCallersOnly(EntryPoint = "cuInit")]
    public static CuResult cuInit(uint flags) => Call(() =>
    {
        if (flags != 0)
        {
            throw new DriverException(CuResult.InvalidValue, "flags must be 0");
        }

        PtxDriver.EnsureDevice();
        _initialised = true;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDriverGetVersion")]
    public static CuResult cuDriverGetVersion(int* version) => Call(version, () => *version = PtxDriver.Version);

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorName")]
    public static CuResult cuGetErrorName(CuResult result, byte** name)
    {
        *name = (byte*)ResultText.NamePointer(result);
        return *name == null ? CuResult.InvalidValue : CuResult.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuGetErrorString")]
    public static CuResult cuGetErrorString(CuResult result, byte** text)
    {
        *text = (byte*)ResultText.TextPointer(result);
        return *text == null ? CuResult.InvalidValue : CuResult.Success;
    }

    [UnmanagedCallersOnly(EntryPoint = "cuGetProcAddress")]
    public static CuResult cuGetProcAddress(byte* symbol, void** function, int version, ulong flags) =>
        FindProcedure(symbol, function, null);

    [UnmanagedCallersOnly(EntryPoint = "cuGetProcAddress_v2")]
    public static CuResult cuGetProcAddress_v2(byte* symbol, void** function, int version, ulong flags, int* status) =>
        FindProcedure(symbol, function, status);

    /// <summary>NVIDIA's own libraries share undocumented functions by such tables. There are none here, but NVRTC crashes beside a driver that cannot even be asked.</summary>
    [UnmanagedCallersOnly(EntryPoint = "cuGetExportTable")]
    public static CuResult cuGetExportTable(void** table, byte* id)
    {
        if (table == null)
        {
            return CuResult.InvalidValue;
        }

        *table = null;
        return CuResult.NotSupported;
    }

    private static CuResult FindProcedure(byte* symbol, void** function, int* status) => Call(symbol, () =>
    {
        const int found = 0, notFound = 1;
        string name = Text(symbol);
        nint address = FunctionTable.FindNewest(name);
        *function = (void*)address;
        if (status != null)
        {
            *status = address == 0 ? notFound : found;
        }
        else if (address == 0)
        {
            throw new DriverException(CuResult.NotFound, $"there is no {name}");
        }
    });

    /// <summary>Does a call's work, and makes a result code of whatever stops it.</summary>
    /// <param name="required">A pointer that must not be null.</param>
    /// <param name="work">What the call does.</param>
    /// <param name="name">The call.</param>
    private static CuResult Call(void* required, Action work, [CallerMemberName] string name = "") =>
        required == null ? CuResult.InvalidValue : Call(work, name);

    private static CuResult Call(Action work, [CallerMemberName] string name = "")
    {
        try
        {
            if (!_initialised && name is not (nameof(cuInit) or nameof(cuDriverGetVersion) or nameof(FindProcedure)))
            {
                return CuResult.NotInitialized;
            }

            work();
            return CuResult.Success;
        }
        catch (DriverException error)
        {
            return Failed(name, error.Result, error.Message);
        }
        catch (OutOfDeviceMemoryException error)
        {
            return Failed(name, CuResult.OutOfMemory, error.Message);
        }
        catch (Exception error) when (error is ArgumentException or OverflowException)
        {
            return Failed(name, CuResult.InvalidValue, error.Message);
        }
        catch (Exception error)
        {
            // Nothing may unwind into C; what is left is a mistake of this driver's own, and must be seen.
            Console.Error.WriteLine($"PTX machine: {name}: {error}");
            return Failed(name, CuResult.Unknown, error.ToString());
        }
    }

    private static CuResult Failed(string call, CuResult result, string text)
    {
        if (MachineContext.Current is { Device.IsRemoved: false } context)
        {
            context.Device.Log.Add(new DriverLogEntry(DriverAction.Fail, call, Text: $"{ResultText.NameOf(result)}: {text}"));
        }

        return result;
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";
}
