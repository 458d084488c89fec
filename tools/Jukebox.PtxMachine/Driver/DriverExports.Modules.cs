using System.Runtime.InteropServices;
using System.Text;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Modules and their functions.</summary>
internal static unsafe partial class DriverExports
{
    /// <summary>The options (<c>CUjit_option</c>) that take the text of an error.</summary>
    private const int InfoLogBytes = 4, ErrorLogBuffer = 5, ErrorLogBytes = 6;

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadData")]
    public static CuResult cuModuleLoadData(nint* module, byte* image) => LoadModule(module, image, 0, null, null);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoadDataEx")]
    public static CuResult cuModuleLoadDataEx(nint* module, byte* image, uint optionCount, int* options, void** values) =>
        LoadModule(module, image, optionCount, options, values);

    [UnmanagedCallersOnly(EntryPoint = "cuModuleLoad")]
    public static CuResult cuModuleLoad(nint* module, byte* path)
    {
        byte[] image;
        try
        {
            image = [.. File.ReadAllBytes(Text(path)), 0];
        }
        catch (IOException)
        {
            return CuResult.NotFound;
        }

        fixed (byte* start = image)
        {
            return LoadModule(module, start, 0, null, null);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "cuModuleUnload")]
    public static CuResult cuModuleUnload(nint module) => Call(() =>
    {
        MachineModule unloaded = HandleTable.Get<MachineModule>(module);
        unloaded.Context.Finish();
        HandleTable.Remove<MachineModule>(module).Unload();
    });

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetFunction")]
    public static CuResult cuModuleGetFunction(nint* function, nint module, byte* name) => Call(function, () =>
        *function = HandleTable.Get<MachineModule>(module).Function(Text(name)));

    [UnmanagedCallersOnly(EntryPoint = "cuModuleGetGlobal_v2")]
    public static CuResult cuModuleGetGlobal_v2(ulong* address, nuint* lengthBytes, nint module, byte* name) => Call(() =>
    {
        if (!HandleTable.Get<MachineModule>(module).Loaded.TryGetGlobal(Text(name), out ulong found, out long length))
        {
            throw new DriverException(CuResult.NotFound, $"the module has no variable {Text(name)}");
        }

        if (address != null)
        {
            *address = found;
        }

        if (lengthBytes != null)
        {
            *lengthBytes = (nuint)length;
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuFuncGetAttribute")]
    public static CuResult cuFuncGetAttribute(int* value, int attribute, nint function) => Call(value, () =>
    {
        MachineFunction found = HandleTable.Get<MachineFunction>(function);
        int capability = found.Module.Context.Device.Options.ComputeCapability;
        *value = attribute switch
        {
            0 => found.MaxThreads,
            1 => found.Kernel.StaticSharedBytes,
            2 => (int)found.Kernel.ConstBytes,
            3 => found.Kernel.LocalBytes,
            4 => 0, // registers: PTX has as many as it names; the hardware's are the assembler's to hand out
            5 or 6 => capability,
            7 => 0, // cache mode
            8 => found.MaxDynamicSharedBytes,
            9 => -1, // preferred share of shared memory
            _ => throw new DriverException(CuResult.InvalidValue, $"attribute {attribute} is not known"),
        };
    });

    [UnmanagedCallersOnly(EntryPoint = "cuFuncSetAttribute")]
    public static CuResult cuFuncSetAttribute(nint function, int attribute, int value) => Call(() =>
    {
        const int maxDynamicSharedBytes = 8, preferredSharedShare = 9;
        MachineFunction found = HandleTable.Get<MachineFunction>(function);
        int room = Architecture.Of(found.Module.Context.Device.Options.ComputeCapability).SharedBytesPerBlock - found.Kernel.StaticSharedBytes;
        switch (attribute)
        {
            case maxDynamicSharedBytes when value >= 0 && value <= room:
                found.MaxDynamicSharedBytes = value;
                break;
            case preferredSharedShare:
                break;
            default:
                throw new DriverException(CuResult.InvalidValue, $"attribute {attribute} cannot be {value}; {room} bytes of shared memory are left beside the static ones");
        }
    });

    [UnmanagedCallersOnly(EntryPoint = "cuFuncSetCacheConfig")]
    public static CuResult cuFuncSetCacheConfig(nint function, int config) => Call(() => HandleTable.Get<MachineFunction>(function));

    [UnmanagedCallersOnly(EntryPoint = "cuOccupancyMaxActiveBlocksPerMultiprocessor")]
    public static CuResult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* count, nint function, int blockThreads, nuint dynamicSharedBytes) =>
        Call(count, () =>
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockThreads);
            MachineFunction found = HandleTable.Get<MachineFunction>(function);
            *count = blockThreads > found.MaxThreads
                ? 0
                : Architecture.Of(found.Module.Context.Device.Options.ComputeCapability)
                    .ResidentBlocks(blockThreads, found.Kernel.StaticSharedBytes + checked((int)dynamicSharedBytes));
        });

    private static CuResult LoadModule(nint* module, byte* image, uint optionCount, int* options, void** values) => Call(module, () =>
    {
        if (image == null)
        {
            throw new DriverException(CuResult.InvalidValue, "there is no image");
        }

        MachineContext context = MachineContext.Enter();
        try
        {
            var loaded = MachineModule.Load(context, image);
            context.Device.Log.Add(new DriverLogEntry(DriverAction.Load, "cuModuleLoad", Text: loaded.Loaded.Module.FileName));
            *module = HandleTable.Add(loaded);
            WriteLogs("", optionCount, options, values);
        }
        catch (DriverException error)
        {
            WriteLogs(error.Message, optionCount, options, values);
            throw;
        }
    });

    /// <summary>Puts the error's text into the caller's buffer, and its length into the option that gave the buffer's.</summary>
    private static void WriteLogs(string text, uint optionCount, int* options, void** values)
    {
        var given = new ReadOnlySpan<int>(options, (int)optionCount);
        int buffer = given.IndexOf(ErrorLogBuffer), size = given.IndexOf(ErrorLogBytes), info = given.IndexOf(InfoLogBytes);
        if (info >= 0)
        {
            values[info] = null;
        }

        if (buffer >= 0 && size >= 0 && values[buffer] != null && (nuint)values[size] > 0)
        {
            var room = new Span<byte>(values[buffer], (int)(nuint)values[size]);
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            int count = Math.Min(bytes.Length, room.Length - 1);
            bytes.AsSpan(0, count).CopyTo(room);
            room[count] = 0;
            values[size] = (void*)(nuint)count;
        }
    }
}
