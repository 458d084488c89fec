using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Memory of the device and of the host.</summary>
internal static unsafe partial class DriverExports
{
    [UnmanagedCallersOnly(EntryPoint = "cuMemGetInfo_v2")]
    public static CuResult cuMemGetInfo_v2(nuint* freeBytes, nuint* totalBytes) => Call(freeBytes, () =>
    {
        DeviceMemory memory = MachineContext.Enter().Device.Memory;
        (*freeBytes, *totalBytes) = ((nuint)memory.FreeBytes, (nuint)memory.CapacityBytes);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemAlloc_v2")]
    public static CuResult cuMemAlloc_v2(ulong* address, nuint lengthBytes) => Call(address, () =>
    {
        MachineContext context = MachineContext.Enter();
        context.RequireNoCapture();
        *address = context.Device.Memory.Allocate(checked((long)lengthBytes));
        context.Device.Log.Add(new DriverLogEntry(DriverAction.Allocate, nameof(cuMemAlloc_v2), (long)lengthBytes));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemFree_v2")]
    public static CuResult cuMemFree_v2(ulong address) => Call(() =>
    {
        MachineContext context = MachineContext.Enter();
        context.RequireNoCapture();
        if (address == 0)
        {
            return;
        }

        // Work that uses the memory may still be queued.
        context.Finish();
        context.Device.Memory.Free(address);
        context.Device.Log.Add(new DriverLogEntry(DriverAction.Free, nameof(cuMemFree_v2)));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemAllocHost_v2")]
    public static CuResult cuMemAllocHost_v2(void** address, nuint lengthBytes) => AllocateHost(address, lengthBytes, nameof(cuMemAllocHost_v2));

    [UnmanagedCallersOnly(EntryPoint = "cuMemHostAlloc")]
    public static CuResult cuMemHostAlloc(void** address, nuint lengthBytes, uint flags) => AllocateHost(address, lengthBytes, nameof(cuMemHostAlloc));

    [UnmanagedCallersOnly(EntryPoint = "cuMemFreeHost")]
    public static CuResult cuMemFreeHost(void* address) => Call(() =>
    {
        MachineContext.Enter().Finish();
        HostMemory.Free(address);
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyHtoD_v2")]
    public static CuResult cuMemcpyHtoD_v2(ulong destination, void* source, nuint lengthBytes) => Call(() =>
    {
        MachineStream stream = MachineContext.Enter().DefaultStream;
        Launcher.CopyToDevice(stream, destination, source, lengthBytes);
        Launcher.Wait(stream, nameof(cuMemcpyHtoD_v2));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyHtoDAsync_v2")]
    public static CuResult cuMemcpyHtoDAsync_v2(ulong destination, void* source, nuint lengthBytes, nint stream) => Call(() =>
        Launcher.CopyToDevice(MachineContext.Enter().Stream(stream), destination, source, lengthBytes));

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoH_v2")]
    public static CuResult cuMemcpyDtoH_v2(void* destination, ulong source, nuint lengthBytes) => Call(() =>
    {
        MachineStream stream = MachineContext.Enter().DefaultStream;
        Launcher.CopyToHost(stream, destination, source, lengthBytes);
        Launcher.Wait(stream, nameof(cuMemcpyDtoH_v2));
    });

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoHAsync_v2")]
    public static CuResult cuMemcpyDtoHAsync_v2(void* destination, ulong source, nuint lengthBytes, nint stream) => Call(() =>
        Launcher.CopyToHost(MachineContext.Enter().Stream(stream), destination, source, lengthBytes));

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoD_v2")]
    public static CuResult cuMemcpyDtoD_v2(ulong destination, ulong source, nuint lengthBytes) => Call(() =>
        Launcher.CopyOnDevice(MachineContext.Enter().DefaultStream, destination, source, lengthBytes));

    [UnmanagedCallersOnly(EntryPoint = "cuMemcpyDtoDAsync_v2")]
    public static CuResult cuMemcpyDtoDAsync_v2(ulong destination, ulong source, nuint lengthBytes, nint stream) => Call(() =>
        Launcher.CopyOnDevice(MachineContext.Enter().Stream(stream), destination, source, lengthBytes));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8_v2")]
    public static CuResult cuMemsetD8_v2(ulong destination, byte value, nuint count) => Call(() =>
        Launcher.Set(MachineContext.Enter().DefaultStream, destination, value, 1, count));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD8Async")]
    public static CuResult cuMemsetD8Async(ulong destination, byte value, nuint count, nint stream) => Call(() =>
        Launcher.Set(MachineContext.Enter().Stream(stream), destination, value, 1, count));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD16_v2")]
    public static CuResult cuMemsetD16_v2(ulong destination, ushort value, nuint count) => Call(() =>
        Launcher.Set(MachineContext.Enter().DefaultStream, destination, value, 2, count));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD16Async")]
    public static CuResult cuMemsetD16Async(ulong destination, ushort value, nuint count, nint stream) => Call(() =>
        Launcher.Set(MachineContext.Enter().Stream(stream), destination, value, 2, count));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD32_v2")]
    public static CuResult cuMemsetD32_v2(ulong destination, uint value, nuint count) => Call(() =>
        Launcher.Set(MachineContext.Enter().DefaultStream, destination, value, 4, count));

    [UnmanagedCallersOnly(EntryPoint = "cuMemsetD32Async")]
    public static CuResult cuMemsetD32Async(ulong destination, uint value, nuint count, nint stream) => Call(() =>
        Launcher.Set(MachineContext.Enter().Stream(stream), destination, value, 4, count));

    private static CuResult AllocateHost(void** address, nuint lengthBytes, string name) => Call(address, () =>
    {
        MachineContext context = MachineContext.Enter();
        context.RequireNoCapture();
        *address = HostMemory.Allocate(lengthBytes);
        context.Device.Log.Add(new DriverLogEntry(DriverAction.AllocateHost, name, (long)lengthBytes));
    });
}
