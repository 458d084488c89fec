using System.Runtime.InteropServices;

namespace Jukebox.PtxMachine.Tests;

/// <summary>One module on one machine, with the arrays that a test gives its kernels.</summary>
internal sealed unsafe class TestDevice : IDisposable
{
    public TestDevice(PtxModule module, MachineMode mode = MachineMode.Fast, int workers = 2)
    {
        Memory = new DeviceMemory(64L << 20);
        Machine = new Machine(new MachineOptions { Mode = mode, WorkerCount = workers, MaxLoopsPerWarp = 1 << 22 }, Memory);
        Module = new LoadedModule(module, Memory);
    }

    public DeviceMemory Memory { get; }

    public Machine Machine { get; }

    public LoadedModule Module { get; }

    /// <summary>A new array on the device with these contents.</summary>
    public ulong Upload<T>(params T[] values)
        where T : unmanaged
    {
        ulong address = Memory.Allocate(Math.Max(1, values.Length * sizeof(T)));
        Memory.Write(address, MemoryMarshal.AsBytes<T>(values));
        return address;
    }

    /// <summary>A new array on the device that nothing has written.</summary>
    public ulong Allocate<T>(int count)
        where T : unmanaged => Memory.Allocate(count * sizeof(T));

    public T[] Download<T>(ulong address, int count)
        where T : unmanaged
    {
        var values = new T[count];
        Memory.Read(address, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <summary>Launches with one value per parameter of the kernel, each as wide as the parameter; byte arrays for structs.</summary>
    public LaunchReport Launch(string kernelName, Dim3 grid, Dim3 block, int dynamicSharedBytes, params object[] arguments)
    {
        PtxKernel kernel = Module.Module.Kernels[kernelName];
        byte[] parameters = new byte[kernel.ParameterBytes];
        for (int k = 0; k < arguments.Length; k++)
        {
            PtxParameter parameter = kernel.Parameters[k];
            byte[] bytes = arguments[k] switch
            {
                byte[] raw => raw,
                ulong value => BitConverter.GetBytes(value),
                long value => BitConverter.GetBytes(value),
                int value => BitConverter.GetBytes(value),
                uint value => BitConverter.GetBytes(value),
                float value => BitConverter.GetBytes(value),
                double value => BitConverter.GetBytes(value),
                short value => BitConverter.GetBytes(value),
                byte value => [value],
                _ => throw new ArgumentException($"an argument of type {arguments[k].GetType()}"),
            };
            if (bytes.Length != parameter.LengthBytes)
            {
                throw new ArgumentException($"{bytes.Length} bytes for {parameter.Name}, which has {parameter.LengthBytes}");
            }

            bytes.CopyTo(parameters, parameter.Offset);
        }

        return Machine.Launch(Module, kernel, grid, block, dynamicSharedBytes, parameters);
    }

    public void Dispose()
    {
        Module.Dispose();
        Memory.Dispose();
    }
}
