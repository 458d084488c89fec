using System.Runtime.InteropServices;
using System.Text;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Devices and contexts.</summary>
internal static unsafe partial class DriverExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetCount")]
    public static CuResult cuDeviceGetCount(int* count) => Call(count, () => *count = PtxDriver.DeviceCount);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGet")]
    public static CuResult cuDeviceGet(int* device, int ordinal) => Call(device, () => *device = PtxDriver.Device(ordinal).Ordinal);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetName")]
    public static CuResult cuDeviceGetName(byte* name, int lengthBytes, int device) => Call(name, () =>
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(lengthBytes);
        var room = new Span<byte>(name, lengthBytes);
        room.Clear();
        byte[] text = Encoding.UTF8.GetBytes(PtxDriver.Device(device).Options.Name);
        text.AsSpan(0, Math.Min(text.Length, lengthBytes - 1)).CopyTo(room);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetAttribute")]
    public static CuResult cuDeviceGetAttribute(int* value, int attribute, int device) => Call(value, () =>
        *value = DeviceAttributes.Read(attribute, PtxDriver.Device(device).Options)
            ?? throw new DriverException(CuResult.InvalidValue, $"attribute {attribute} is not known"));

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceComputeCapability")]
    public static CuResult cuDeviceComputeCapability(int* major, int* minor, int device) => Call(major, () =>
        (*major, *minor) = Math.DivRem(PtxDriver.Device(device).Options.ComputeCapability, 10));

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceTotalMem_v2")]
    public static CuResult cuDeviceTotalMem_v2(nuint* lengthBytes, int device) => Call(lengthBytes, () =>
        *lengthBytes = (nuint)PtxDriver.Device(device).Memory.CapacityBytes);

    [UnmanagedCallersOnly(EntryPoint = "cuDeviceGetUuid_v2")]
    public static CuResult cuDeviceGetUuid_v2(byte* uuid, int device) => Call(uuid, () =>
    {
        var bytes = new Span<byte>(uuid, 16);
        "PTX machine"u8.CopyTo(bytes);
        bytes[11..].Clear();
        bytes[15] = (byte)PtxDriver.Device(device).Ordinal;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRetain")]
    public static CuResult cuDevicePrimaryCtxRetain(nint* context, int device) => Call(context, () =>
        *context = PtxDriver.Device(device).RetainPrimary().Handle);

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxRelease_v2")]
    public static CuResult cuDevicePrimaryCtxRelease_v2(int device) => Call(() => PtxDriver.Device(device).ReleasePrimary());

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxReset_v2")]
    public static CuResult cuDevicePrimaryCtxReset_v2(int device) => Call(() => PtxDriver.Device(device).ResetPrimary());

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxSetFlags_v2")]
    public static CuResult cuDevicePrimaryCtxSetFlags_v2(int device, uint flags) => Call(() => PtxDriver.Device(device));

    [UnmanagedCallersOnly(EntryPoint = "cuDevicePrimaryCtxGetState")]
    public static CuResult cuDevicePrimaryCtxGetState(int device, uint* flags, int* active) => Call(active, () =>
    {
        *active = PtxDriver.Device(device).IsPrimaryActive ? 1 : 0;
        if (flags != null)
        {
            *flags = 0;
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxCreate_v2")]
    public static CuResult cuCtxCreate_v2(nint* context, uint flags, int device) => Call(context, () =>
    {
        var created = new MachineContext(PtxDriver.Device(device));
        MachineContext.Push(created);
        *context = created.Handle;
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxDestroy_v2")]
    public static CuResult cuCtxDestroy_v2(nint context) => Call(() =>
    {
        MachineContext destroyed = HandleTable.Get<MachineContext>(context);
        destroyed.Destroy();
        if (MachineContext.Current == destroyed)
        {
            MachineContext.Pop();
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSetCurrent")]
    public static CuResult cuCtxSetCurrent(nint context) => Call(() =>
        MachineContext.Current = context == 0 ? null : HandleTable.Get<MachineContext>(context));

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetCurrent")]
    public static CuResult cuCtxGetCurrent(nint* context) => Call(context, () => *context = MachineContext.Current?.Handle ?? 0);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxPushCurrent_v2")]
    public static CuResult cuCtxPushCurrent_v2(nint context) => Call(() => MachineContext.Push(HandleTable.Get<MachineContext>(context)));

    [UnmanagedCallersOnly(EntryPoint = "cuCtxPopCurrent_v2")]
    public static CuResult cuCtxPopCurrent_v2(nint* context) => Call(() =>
    {
        MachineContext popped = MachineContext.Pop();
        if (context != null)
        {
            *context = popped.Handle;
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetDevice")]
    public static CuResult cuCtxGetDevice(int* device) => Call(device, () =>
        *device = (MachineContext.Current ?? throw new DriverException(CuResult.InvalidContext, "the thread has no context")).Device.Ordinal);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxGetApiVersion")]
    public static CuResult cuCtxGetApiVersion(nint context, uint* version) => Call(version, () => *version = 3020);

    [UnmanagedCallersOnly(EntryPoint = "cuCtxSynchronize")]
    public static CuResult cuCtxSynchronize() => Call(() =>
    {
        MachineContext context = MachineContext.Enter();
        context.RequireNoCapture();
        context.Device.Log.Add(new DriverLogEntry(DriverAction.Wait, nameof(cuCtxSynchronize)));
        context.Finish();
    });
}
