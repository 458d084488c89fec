using System.Text;
using Jukebox.PtxMachine.Driver;

namespace Jukebox.PtxMachine.Tests.Driver;

/// <summary>A device of its own and a context on it, called as C calls: through addresses found by name.</summary>
internal sealed unsafe class DriverUnderTest : IDisposable
{
    private readonly nint _context;

    public DriverUnderTest(DeviceOptions? options = null)
    {
        Device = PtxDriver.AddDevice((options ?? new DeviceOptions()) with { KeepLog = true });
        Require(((delegate* unmanaged<uint, CuResult>)Find("cuInit"))(0));
        nint context;
        Require(((delegate* unmanaged<nint*, uint, int, CuResult>)Find("cuCtxCreate_v2"))(&context, 0, Device.Ordinal));
        _context = context;
    }

    public MachineDevice Device { get; }

    public static nint Find(string name) => PtxDriver.Function(name) is var address and not 0
        ? address
        : throw new MissingMethodException(name);

    public static void Require(CuResult result)
    {
        if (result != CuResult.Success)
        {
            throw new InvalidOperationException($"{result}");
        }
    }

    public static ulong Allocate(int lengthBytes)
    {
        ulong address;
        Require(((delegate* unmanaged<ulong*, nuint, CuResult>)Find("cuMemAlloc_v2"))(&address, (nuint)lengthBytes));
        return address;
    }

    public static byte* AllocateHost(int lengthBytes)
    {
        void* address;
        Require(((delegate* unmanaged<void**, nuint, uint, CuResult>)Find("cuMemHostAlloc"))(&address, (nuint)lengthBytes, 0));
        return (byte*)address;
    }

    public static nint Stream(uint flags = 1)
    {
        nint stream;
        Require(((delegate* unmanaged<nint*, uint, CuResult>)Find("cuStreamCreate"))(&stream, flags));
        return stream;
    }

    public static void Set(ulong address, byte value, int count, nint stream) =>
        Require(((delegate* unmanaged<ulong, byte, nuint, nint, CuResult>)Find("cuMemsetD8Async"))(address, value, (nuint)count, stream));

    public static void Upload(ulong address, byte* source, int lengthBytes, nint stream) =>
        Require(((delegate* unmanaged<ulong, void*, nuint, nint, CuResult>)Find("cuMemcpyHtoDAsync_v2"))(address, source, (nuint)lengthBytes, stream));

    public static byte[] Download(ulong address, int lengthBytes)
    {
        var bytes = new byte[lengthBytes];
        fixed (byte* start = bytes)
        {
            Require(((delegate* unmanaged<void*, ulong, nuint, CuResult>)Find("cuMemcpyDtoH_v2"))(start, address, (nuint)lengthBytes));
        }

        return bytes;
    }

    public static CuResult Wait(nint stream) => ((delegate* unmanaged<nint, CuResult>)Find("cuStreamSynchronize"))(stream);

    public static CuResult Load(string image, out nint module, out string log)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes(image), 0];
        var room = new byte[1000];
        nint loaded = 0;
        CuResult result;
        fixed (byte* start = bytes, text = room)
        {
            int* options = stackalloc int[] { 5, 6 };
            void** values = stackalloc void*[] { text, (void*)room.Length };
            result = ((delegate* unmanaged<nint*, byte*, uint, int*, void**, CuResult>)Find("cuModuleLoadDataEx"))(&loaded, start, 2, options, values);
        }

        module = loaded;
        log = Encoding.UTF8.GetString(room).TrimEnd('\0');
        return result;
    }

    public void Dispose()
    {
        ((delegate* unmanaged<nint, CuResult>)Find("cuCtxDestroy_v2"))(_context);
        Device.Dispose();
    }
}
