using System.Diagnostics;

namespace Jukebox.PtxMachine.Driver;

/// <summary>Work on a device as streams take it: each method checks the call now and issues what is to be done.</summary>
internal static unsafe class Launcher
{
    private const int MostBlocksYZ = 65_535;

    /// <summary>End, buffer and size in <c>cuLaunchKernel</c>'s last argument.</summary>
    private const nint ExtraEnd = 0, ExtraPointer = 1, ExtraBytes = 2;

    public static void Launch(MachineStream stream, MachineFunction function, Dim3 grid, Dim3 block, int sharedBytes, void** parameters, void** extra)
    {
        RequireGeometry(function, grid, block, sharedBytes);
        byte[] bytes = Parameters(function.Kernel, parameters, extra);
        stream.Issue(() => Run(stream.Context, function, grid, block, sharedBytes, bytes));
    }

    public static void CopyToDevice(MachineStream stream, ulong destination, void* source, nuint lengthBytes)
    {
        MachineContext context = stream.Context;
        RequireRange(context, destination, lengthBytes);

        // Pageable memory is staged before the call returns; page-locked memory, and a recording's, is read when the copy is made.
        byte[]? staged = context.Device.Options.IsLazy && stream.Capture is null && !HostMemory.Contains(source)
            ? new ReadOnlySpan<byte>(source, checked((int)lengthBytes)).ToArray()
            : null;
        stream.Issue(() =>
        {
            context.Device.Log.Add(new DriverLogEntry(DriverAction.CopyToDevice, "cuMemcpyHtoD", (long)lengthBytes));
            fixed (byte* copy = staged)
            {
                CopyIn(context, destination, staged is null ? (byte*)source : copy, (long)lengthBytes);
            }
        });
    }

    public static void CopyToHost(MachineStream stream, void* destination, ulong source, nuint lengthBytes)
    {
        MachineContext context = stream.Context;
        RequireRange(context, source, lengthBytes);
        stream.Issue(() =>
        {
            context.Device.Log.Add(new DriverLogEntry(DriverAction.CopyToHost, "cuMemcpyDtoH", (long)lengthBytes));
            Buffer.MemoryCopy(context.Device.Memory.Pointer(source, (long)lengthBytes), destination, (long)lengthBytes, (long)lengthBytes);
        });

        // Only page-locked memory is copied to behind the host's back.
        if (stream.Capture is null && !HostMemory.Contains(destination))
        {
            Wait(stream, "cuMemcpyDtoH");
        }
    }

    public static void CopyOnDevice(MachineStream stream, ulong destination, ulong source, nuint lengthBytes)
    {
        MachineContext context = stream.Context;
        RequireRange(context, destination, lengthBytes);
        RequireRange(context, source, lengthBytes);
        if (Math.Max(destination, source) - Math.Min(destination, source) < lengthBytes)
        {
            // A device copies in no order and says nothing.
            throw new DriverException(CuResult.InvalidValue, $"0x{source:x} and 0x{destination:x} overlap within {lengthBytes} bytes: what a device leaves there is undefined");
        }

        stream.Issue(() =>
        {
            context.Device.Log.Add(new DriverLogEntry(DriverAction.CopyOnDevice, "cuMemcpyDtoD", (long)lengthBytes));
            context.Device.Memory.Copy(destination, source, (long)lengthBytes);
        });
    }

    /// <summary>Sets <paramref name="count"/> elements of 1, 2 or 4 bytes.</summary>
    public static void Set(MachineStream stream, ulong destination, uint value, int elementBytes, nuint count)
    {
        MachineContext context = stream.Context;
        long lengthBytes = checked((long)count * elementBytes);
        RequireRange(context, destination, (nuint)lengthBytes);
        if (destination % (ulong)elementBytes != 0)
        {
            throw new DriverException(CuResult.InvalidValue, $"0x{destination:x} is not aligned to {elementBytes}");
        }

        stream.Issue(() =>
        {
            context.Device.Log.Add(new DriverLogEntry(DriverAction.Set, "cuMemset", lengthBytes));
            DeviceMemory memory = context.Device.Memory;
            byte* target = memory.Pointer(destination, lengthBytes);
            for (long i = 0; i < lengthBytes; i++)
            {
                target[i] = (byte)(value >> (int)(i % elementBytes * 8));
            }

            memory.MarkWritten(destination, lengthBytes);
        });
    }

    /// <summary>The host waits for a stream.</summary>
    public static void Wait(MachineStream stream, string call)
    {
        if (stream.Capture is { } capture)
        {
            capture.IsSpoilt = true;
            throw new DriverException(CuResult.StreamCaptureUnsupported, "nothing waits for a stream that is captured");
        }

        stream.Context.Device.Log.Add(new DriverLogEntry(DriverAction.Wait, call));
        if (stream == stream.Context.DefaultStream)
        {
            stream.Context.FinishBlocking();
        }

        stream.Finish();
        stream.Context.RequireHealth();
    }

    private static void CopyIn(MachineContext context, ulong destination, byte* source, long lengthBytes)
    {
        DeviceMemory memory = context.Device.Memory;
        Buffer.MemoryCopy(source, memory.Pointer(destination, lengthBytes), lengthBytes, lengthBytes);
        memory.MarkWritten(destination, lengthBytes);
    }

    private static void RequireRange(MachineContext context, ulong address, nuint lengthBytes)
    {
        if (lengthBytes > 0)
        {
            _ = context.Device.Memory.Pointer(address, checked((long)lengthBytes));
        }
    }

    private static void RequireGeometry(MachineFunction function, Dim3 grid, Dim3 block, int sharedBytes)
    {
        string what = $"{function.Kernel.Name} with grid {grid}, block {block}, {sharedBytes} bytes of dynamic shared memory";
        if (grid.X < 1 || grid.Y is < 1 or > MostBlocksYZ || grid.Z is < 1 or > MostBlocksYZ
            || block.X is < 1 or > Architecture.ThreadsPerBlock || block.Y is < 1 or > Architecture.ThreadsPerBlock || block.Z is < 1 or > 64
            || block.Count > Architecture.ThreadsPerBlock || sharedBytes < 0)
        {
            throw new DriverException(CuResult.InvalidValue, $"{what}: out of range");
        }

        if (block.Count > function.MaxThreads)
        {
            throw new DriverException(CuResult.InvalidValue, $"{what}: its launch bounds allow {function.MaxThreads} threads");
        }

        if (sharedBytes > function.MaxDynamicSharedBytes)
        {
            throw new DriverException(CuResult.InvalidValue, $"{what}: {function.MaxDynamicSharedBytes} bytes are allowed (CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)");
        }
    }

    private static byte[] Parameters(PtxKernel kernel, void** parameters, void** extra)
    {
        var bytes = new byte[kernel.ParameterBytes];
        if (extra != null)
        {
            CopyExtra(kernel, extra, bytes);
        }
        else if (kernel.Parameters.Count > 0)
        {
            if (parameters == null)
            {
                throw new DriverException(CuResult.InvalidValue, $"{kernel.Name} takes {kernel.Parameters.Count} parameters, and none came");
            }

            for (int i = 0; i < kernel.Parameters.Count; i++)
            {
                PtxParameter parameter = kernel.Parameters[i];
                new ReadOnlySpan<byte>(parameters[i], parameter.LengthBytes).CopyTo(bytes.AsSpan(parameter.Offset));
            }
        }

        return bytes;
    }

    private static void CopyExtra(PtxKernel kernel, void** extra, Span<byte> bytes)
    {
        void* source = null;
        nuint lengthBytes = 0;
        for (; (nint)extra[0] != ExtraEnd; extra += 2)
        {
            switch ((nint)extra[0])
            {
                case ExtraPointer:
                    source = extra[1];
                    break;
                case ExtraBytes:
                    lengthBytes = *(nuint*)extra[1];
                    break;
                default:
                    throw new DriverException(CuResult.InvalidValue, $"{(nint)extra[0]} is no launch parameter");
            }
        }

        if (source == null || lengthBytes < (nuint)bytes.Length)
        {
            throw new DriverException(CuResult.InvalidValue, $"{kernel.Name} takes {bytes.Length} bytes of parameters, and {lengthBytes} came");
        }

        new ReadOnlySpan<byte>(source, bytes.Length).CopyTo(bytes);
    }

    private static void Run(MachineContext context, MachineFunction function, Dim3 grid, Dim3 block, int sharedBytes, byte[] parameters)
    {
        MachineDevice device = context.Device;
        if (!device.CountLaunch())
        {
            device.Log.Add(new DriverLogEntry(DriverAction.Fail, function.Kernel.Name, Text: "the device is lost"));
            return;
        }

        try
        {
            long start = Stopwatch.GetTimestamp();
            LaunchReport report = device.Machine.Launch(function.Module.Loaded, function.Kernel, grid, block, sharedBytes, parameters);
            device.Log.Add(new DriverLogEntry(DriverAction.Launch, function.Kernel.Name, Report: report, Seconds: Stopwatch.GetElapsedTime(start).TotalSeconds));
            if (report.Findings.Count > 0)
            {
                device.Keep(report.Findings);
                context.Fault(ResultOf(report.Findings[0].Kind), $"{function.Kernel.Name} <<<{grid}, {block}>>>: {string.Join("; ", report.Findings)}");
            }
        }
        catch (PtxFaultException fault)
        {
            device.Keep([fault.Finding]);
            context.Fault(ResultOf(fault.Finding.Kind), fault.Message);
        }
    }

    private static CuResult ResultOf(FindingKind kind) => kind switch
    {
        FindingKind.Misaligned => CuResult.MisalignedAddress,
        FindingKind.Hang or FindingKind.BarrierNeverComplete => CuResult.LaunchTimeout,
        FindingKind.OutOfBounds or FindingKind.UseAfterFree or FindingKind.ReadOnly => CuResult.IllegalAddress,
        _ => CuResult.LaunchFailed,
    };
}
