using System.Buffers.Binary;
using Jukebox.PtxMachine.Execution;
using Jukebox.PtxMachine.Parsing;
using Jukebox.PtxMachine.Program;

namespace Jukebox.PtxMachine;

/// <summary>A module in a device's memory: its variables placed and filled.</summary>
public sealed class LoadedModule : IDisposable
{
    private readonly Dictionary<string, ulong> _addresses = [];
    private readonly Dictionary<(PtxKernel Kernel, bool IsObserved), KernelProgram> _programs = [];
    private bool _disposed;

    /// <summary>Places the module's variables and fills them.</summary>
    /// <exception cref="OutOfDeviceMemoryException">They do not fit.</exception>
    /// <exception cref="PtxException">A kernel uses something that the machine does not know.</exception>
    public LoadedModule(PtxModule module, DeviceMemory memory)
    {
        Module = module;
        Memory = memory;
        try
        {
            PlaceGlobals();
            foreach (PtxKernel kernel in module.Kernels.Values)
            {
                ProgramOf(kernel, false);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public PtxModule Module { get; }

    public DeviceMemory Memory { get; }

    /// <summary>The device address and length of a variable, or false.</summary>
    public bool TryGetGlobal(string name, out ulong address, out long lengthBytes)
    {
        lengthBytes = Module.Globals.FirstOrDefault(g => g.Name == name)?.LengthBytes ?? 0;
        return _addresses.TryGetValue(name, out address);
    }

    /// <summary>Frees the variables. Launches must be over.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        foreach (ulong address in _addresses.Values)
        {
            Memory.Free(address);
        }

        foreach (KernelProgram program in _programs.Values)
        {
            program.Dispose();
        }
    }

    /// <summary>The kernel decoded for this module's addresses.</summary>
    internal KernelProgram ProgramOf(PtxKernel kernel, bool isObserved)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (kernel.Module != Module)
        {
            throw new ArgumentException($"{kernel.Name} belongs to another module", nameof(kernel));
        }

        lock (_programs)
        {
            if (!_programs.TryGetValue((kernel, isObserved), out KernelProgram? program))
            {
                program = isObserved ? Decoder<Observed>.Decode(kernel, this) : Decoder<Unobserved>.Decode(kernel, this);
                _programs[(kernel, isObserved)] = program;
            }

            return program;
        }
    }

    internal ulong? AddressOf(string name) => _addresses.TryGetValue(name, out ulong address) ? address : null;

    private void PlaceGlobals()
    {
        foreach (PtxGlobal global in Module.Globals.Where(g => g.LengthBytes > 0))
        {
            _addresses[global.Name] = Memory.Allocate(global.LengthBytes, global.IsConstant, global.Name);
        }

        foreach (PtxGlobal global in Module.Globals.Where(g => g.LengthBytes > 0))
        {
            byte[] contents = new byte[global.LengthBytes];
            foreach (Initializer initializer in global.Variable.Initializers)
            {
                Put(global, contents, initializer);
            }

            Memory.Write(_addresses[global.Name], contents);
        }
    }

    private void Put(PtxGlobal global, byte[] contents, Initializer initializer)
    {
        ulong bits = initializer.Bits;
        if (initializer.Symbol is string symbol)
        {
            bits += AddressOf(symbol) ?? throw new PtxException(Module.FileName, global.Variable.Line, $"{global.Name} is initialised with {symbol}, which is no variable of the module");
        }

        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, bits);
        bytes[..initializer.LengthBytes].CopyTo(contents.AsSpan((int)initializer.Offset));
    }
}
