using System.Text;

namespace Jukebox.PtxMachine.Driver;

/// <summary>A module in a context.</summary>
internal sealed class MachineModule(MachineContext context, LoadedModule loaded)
{
    private static ReadOnlySpan<byte> Elf => [0x7F, (byte)'E', (byte)'L', (byte)'F'];

    private static ReadOnlySpan<byte> FatBinary => [0x50, 0xED, 0x55, 0xBA];

    private readonly Dictionary<string, nint> _functions = [];

    public MachineContext Context { get; } = context;

    public LoadedModule Loaded { get; } = loaded;

    /// <summary>Reads an image, which must be PTX that the device can run: a text ended by a zero byte.</summary>
    /// <exception cref="DriverException">It is something else; the message says what.</exception>
    public static unsafe MachineModule Load(MachineContext context, byte* image)
    {
        var start = new ReadOnlySpan<byte>(image, 4);
        if (start.SequenceEqual(Elf) || start.SequenceEqual(FatBinary))
        {
            throw new DriverException(CuResult.NoBinaryForGpu, "this device runs PTX; the image is machine code (or a container of it), which only the hardware it was made for can run");
        }

        int lengthBytes = 0;
        while (image[lengthBytes] != 0)
        {
            lengthBytes++;
        }

        string text = Encoding.UTF8.GetString(image, lengthBytes);
        if (!text.Contains(".version", StringComparison.Ordinal))
        {
            throw new DriverException(CuResult.InvalidImage, "the image is neither PTX nor machine code");
        }

        try
        {
            PtxModule module = PtxModule.Parse(text, FileNameOf(text));
            RequireTarget(context, module);
            return new MachineModule(context, new LoadedModule(module, context.Device.Memory));
        }
        catch (PtxException error)
        {
            throw new DriverException(CuResult.InvalidPtx, error.Message);
        }
    }

    /// <summary>The handle of an entry point.</summary>
    public nint Function(string name)
    {
        lock (_functions)
        {
            if (!_functions.TryGetValue(name, out nint handle))
            {
                PtxKernel kernel = Loaded.Module.Kernels.TryGetValue(name, out PtxKernel? found)
                    ? found
                    : throw new DriverException(CuResult.NotFound, $"{Loaded.Module.FileName} has no entry point {name}");
                handle = HandleTable.Add(new MachineFunction(this, kernel));
                _functions.Add(name, handle);
            }

            return handle;
        }
    }

    public void Unload()
    {
        foreach (nint function in _functions.Values)
        {
            HandleTable.Remove<MachineFunction>(function);
        }

        Loaded.Dispose();
    }

    /// <summary>What the text calls itself in its first line when that is a comment of words, else just "module".</summary>
    private static string FileNameOf(string text)
    {
        string line = text.AsSpan(0, Math.Max(text.IndexOf('\n'), 0)).ToString().TrimStart('/', ' ');
        int end = line.IndexOf(' ');
        return end > 0 ? line[..end] + ".ptx" : "module.ptx";
    }

    private static void RequireTarget(MachineContext context, PtxModule module)
    {
        int supported = context.Device.Options.ComputeCapability;
        string digits = new([.. module.Target.Where(char.IsAsciiDigit)]);
        if (int.TryParse(digits, out int target) && target > supported)
        {
            throw new DriverException(CuResult.InvalidPtx, $"{module.FileName} is for {module.Target}; the device has compute capability {supported / 10}.{supported % 10}");
        }

        Version newest = context.Device.Options.NewestPtx ?? PtxDriver.NewestPtx;
        if (Version.TryParse(module.Version, out Version? version) && version > newest)
        {
            throw new DriverException(CuResult.UnsupportedPtxVersion, $"{module.FileName} is PTX {version}; the driver reads up to {newest}");
        }
    }
}

/// <summary>An entry point of a module.</summary>
internal sealed class MachineFunction(MachineModule module, PtxKernel kernel)
{
    public MachineModule Module { get; } = module;

    public PtxKernel Kernel { get; } = kernel;

    /// <summary>Dynamic shared memory that a launch may ask for.</summary>
    public int MaxDynamicSharedBytes { get; set; } = Math.Max(0, Architecture.DefaultSharedBytes - kernel.StaticSharedBytes);

    /// <summary>Threads that a block may have.</summary>
    public int MaxThreads => Kernel.MaxThreads is { } limit ? (int)Math.Min(limit.Count, Architecture.ThreadsPerBlock) : Architecture.ThreadsPerBlock;
}
