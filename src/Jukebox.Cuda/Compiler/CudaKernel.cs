using System.Runtime.CompilerServices;
using Jukebox.Cuda.Driver;
using Jukebox.Cuda.Kernels;

namespace Jukebox.Cuda.Compiler;

/// <summary>Blocks of a launch along each axis.</summary>
internal readonly record struct KernelGrid(int X, int Y = 1, int Z = 1)
{
    public override string ToString() => $"({X}, {Y}, {Z})";
}

/// <summary>One entry point of a loaded module.</summary>
internal sealed unsafe class CudaKernel
{
    private const int MostBlocksYZ = 65_535;
    private const int DefaultSharedBytes = 48 * 1024;

    private readonly LoadedModuleHandle _module;
    private readonly CudaDriver _driver;
    private int _allowedSharedBytes = DefaultSharedBytes;

    public CudaKernel(ContextHandle context, LoadedModuleHandle module, KernelUnit unit, KernelEntry entry)
    {
        (_driver, _module, Unit, Entry) = (context.Driver, module, unit, entry);
        nint function;
        byte[] name = [.. System.Text.Encoding.UTF8.GetBytes(entry.Name), 0];
        fixed (byte* start = name)
        {
            CudaResult result = _driver.cuModuleGetFunction(&function, module.Value, start);
            if (result != CudaResult.Success)
            {
                throw new CudaException($"kernels/{unit.File} as {unit.Name} has no entry point {entry.Name}: {_driver.Describe(result)}", "cuModuleGetFunction", result);
            }
        }

        Function = function;
        AllowSharedBytes(entry.DynamicSharedBytes);
    }

    /// <summary>Its row of the kernel table.</summary>
    public KernelEntry Entry { get; }

    /// <summary>What it was compiled from.</summary>
    public KernelUnit Unit { get; }

    /// <summary>The driver's handle; alive as long as the library is.</summary>
    public nint Function { get; }

    /// <summary>Issues a launch; does not wait.</summary>
    /// <exception cref="ArgumentException">The arguments' struct is not the row's, or the grid is empty or too large.</exception>
    public void Launch<TArgs>(CudaStream stream, KernelGrid grid, int sharedBytes, in TArgs args)
        where TArgs : unmanaged
    {
        if (sizeof(TArgs) != Entry.ArgsBytes || grid.X <= 0 || (uint)(grid.Y - 1) >= MostBlocksYZ || (uint)(grid.Z - 1) >= MostBlocksYZ)
        {
            ThrowUnfit(grid, typeof(TArgs).Name, sizeof(TArgs));
        }

        if (sharedBytes > _allowedSharedBytes)
        {
            AllowSharedBytes(sharedBytes);
        }

        stream.Launch(this, grid, sharedBytes, Unsafe.AsPointer(ref Unsafe.AsRef(in args)));
    }

    /// <summary>A fact of the compiled code.</summary>
    public int Attribute(FunctionAttribute attribute)
    {
        int value;
        _driver.Check(_driver.cuFuncGetAttribute(&value, attribute, Function));
        GC.KeepAlive(_module);
        return value;
    }

    /// <summary>More than 48 KB has to be asked for, once.</summary>
    private void AllowSharedBytes(int sharedBytes)
    {
        if (sharedBytes > _allowedSharedBytes)
        {
            CudaResult result = _driver.cuFuncSetAttribute(Function, FunctionAttribute.MaxDynamicSharedBytes, sharedBytes);
            if (result != CudaResult.Success)
            {
                throw new CudaException(
                    $"{Entry.Name} of {Unit.Name} wants {sharedBytes} bytes of shared memory, which the device does not have: {_driver.Describe(result)}",
                    "cuFuncSetAttribute",
                    result);
            }

            _allowedSharedBytes = sharedBytes;
        }
    }

    private void ThrowUnfit(KernelGrid grid, string argsName, int argsBytes) => throw new ArgumentException(
        argsBytes != Entry.ArgsBytes
            ? $"{Entry.Name} takes {Entry.ArgsBytes} bytes of arguments, not the {argsBytes} of {argsName}"
            : $"{Entry.Name} cannot be launched on a grid {grid}: an axis has 1 to {int.MaxValue} blocks, the second and third 1 to {MostBlocksYZ}");
}
